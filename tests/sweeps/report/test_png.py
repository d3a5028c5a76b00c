"""The pictures: real PNG files of a sensible size, without pyplot."""

from pathlib import Path

import pytest
from matplotlib import rcParams
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from sweeps.report import png, render_pngs
from sweeps.report.png.canvas import log_ticks, new_figure
from sweeps.report.png.outcome_map import outcome_map_figure, pooled_maps_figure
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import grid_analysis

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height from the header."""
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")


def test_a_grid_has_a_map_curves_and_sensitivities() -> None:
    pngs = render_pngs(grid_analysis())
    names = ("outcome_map", "pooled_maps", "p_stable", "lr_sensitivity")
    assert set(pngs) == {f"{name}.png" for name in names}
    for picture in pngs.values():
        assert picture.startswith(SIGNATURE)
        width, height = size_of(picture)
        assert 500 <= width <= 4000
        assert 200 <= height <= 6000
        assert len(picture) < 400_000


@pytest.mark.parametrize(
    "name", ["nothing ended", "one trial", "all failed", "random over everything", "lists and words"]
)
def test_an_odd_sweep_has_the_pictures_that_make_sense(name: str) -> None:
    pngs = render_pngs(odd_analysis(name))
    assert ("outcome_map.png" in pngs) == bool(ODD_SWEEPS[name][1])
    assert "p_stable.png" not in pngs


@pytest.mark.parametrize("name", ["a grid", "random over everything", "lists and words"])
def test_no_words_of_a_map_leave_the_picture_or_cover_others(name: str) -> None:
    analysis = grid_analysis() if name == "a grid" else odd_analysis(name)
    figures = [outcome_map_figure(analysis), pooled_maps_figure(analysis)]
    assert figures[0] is not None
    for figure in filter(None, figures):
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        words = [text for text in figure.findobj(Text) if text.get_text() and text.get_visible()]
        boxes = [text.get_window_extent(canvas.get_renderer()) for text in words]
        width, height = figure.bbox.width, figure.bbox.height
        for index, box in enumerate(boxes):
            assert 0 <= box.x0 <= box.x1 <= width, words[index].get_text()
            assert 0 <= box.y0 <= box.y1 <= height, words[index].get_text()
            assert not [other for other in boxes[index + 1 :] if box.overlaps(other)], words[index].get_text()


def test_a_map_of_each_axis_with_the_others_pooled_is_a_picture_too() -> None:
    analysis = odd_analysis("random over everything")
    assert len(analysis.maps) > 2
    figure = pooled_maps_figure(analysis)
    assert figure is not None
    titles = [text.get_text() for text in figure.texts]
    assert titles == [f"{one.row.label}, all else pooled" for one in analysis.maps[1:] if one.row]
    assert "pooled_maps.png" in render_pngs(analysis)


def test_the_ticks_of_a_short_logarithmic_axis_are_plain_numbers() -> None:
    axes = new_figure(3, 3).subplots()
    axes.set(ylim=(0.3, 40.0), yscale="log")
    log_ticks(axes.yaxis)
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert {"0.5", "1", "20"} <= set(labels)
    axes.set_ylim(3.0, 5.0)
    log_ticks(axes.yaxis)
    assert len([label for label in axes.get_yticklabels() if label.get_text()]) >= 4


def test_drawing_leaves_matplotlibs_global_state_alone() -> None:
    before = dict(rcParams)
    render_pngs(odd_analysis("random lr by clip"))
    assert dict(rcParams) == before
    sources = [path.read_text() for path in Path(png.__file__).parent.glob("*.py")]
    assert not any("pyplot" in source for source in sources)

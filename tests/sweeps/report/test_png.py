"""The pictures: real PNG files of a sensible size, without pyplot."""

from pathlib import Path

import pytest
from matplotlib import rcParams

from sweeps.report import png, render_pngs
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import grid_analysis

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def size_of(picture: bytes) -> tuple[int, int]:
    """Width and height from the header."""
    return int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")


def test_a_grid_has_a_map_curves_and_sensitivities() -> None:
    pngs = render_pngs(grid_analysis())
    assert set(pngs) == {"outcome_map.png", "p_stable.png", "lr_sensitivity.png"}
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


def test_drawing_leaves_matplotlibs_global_state_alone() -> None:
    before = dict(rcParams)
    render_pngs(odd_analysis("random lr by clip"))
    assert dict(rcParams) == before
    sources = [path.read_text() for path in Path(png.__file__).parent.glob("*.py")]
    assert not any("pyplot" in source for source in sources)

"""The picture of a dense map, in the page and as PNG."""

import re

from sweeps.report import render_html, render_pngs
from sweeps.report.palette import PALETTE
from tests.sweeps.analysis.test_dense_map import SPEC, grid
from tests.sweeps.report.sweeps_rows import sweep_of
from tests.sweeps.report.test_html import Checker
from tests.sweeps.report.test_png import SIGNATURE, size_of


def test_every_tile_is_drawn_once_in_the_colour_of_its_outcome() -> None:
    page = render_html(sweep_of(SPEC, []), grid(40, 30))
    assert "dense-map" in Checker(page).ids
    paths = dict(re.findall(r'<path d="([^"]+)" fill="(#[0-9a-f]+)"><title>', page))
    areas = {
        color: sum(int(length) for length in re.findall(r"h(\d+)v1", drawn)) for drawn, color in paths.items()
    }
    stable, exploded = PALETTE["stable"].color, PALETTE["exploded"].color
    assert areas.keys() == {stable, exploded}
    assert sum(areas.values()) == 1200
    assert "1,200 settings of lr (across) and layer_lr.output (up), 40 × 30." in Checker(page).words


def test_the_lead_tells_the_dimension_only_where_there_is_one() -> None:
    assert "the boundary between stable and not has dimension" in render_html(
        sweep_of(SPEC, []), grid(40, 40)
    )
    assert "has dimension" not in render_html(sweep_of(SPEC, []), grid(40, 40, skip=1))


def test_a_dense_map_is_a_png_of_a_sensible_size() -> None:
    picture = render_pngs(grid(64, 32))["dense_map.png"]
    assert picture.startswith(SIGNATURE)
    width, height = size_of(picture)
    assert width > height > 300
    assert len(picture) < 100_000

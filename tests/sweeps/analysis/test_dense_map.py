"""Dense maps: when there is one, what its tiles are, and what the dimension of a boundary comes to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.analysis import Analysis, analyze
from sweeps.analysis.dense_map import MIN_SIDE, find_boundary
from sweeps.spec import parse_spec
from tests.sweeps.analysis.trials import make_row
from tests.sweeps.spec.examples import digits
from trainers.record import OutcomeName

SPEC = parse_spec(digits(axes={"optimizer.lr": {"values": [1]}, "layer_lr.output": {"values": [1]}}))


def grid(columns: int, rows: int, *, seeds: int = 1, skip: int = 0) -> Analysis:
    """Stable where the product of both rates is below 1; the first `skip` trials have not ended."""
    trials = [
        (2.0 ** (x - columns / 2), 2.0 ** (y - rows / 2)) for y in range(rows) for x in range(columns)
    ] * seeds
    found = [
        make_row(number, lr, outcome_at(lr, other), axes={"optimizer.lr": lr, "layer_lr.output": other})
        for number, (lr, other) in enumerate(trials)
    ]
    return analyze(SPEC, found[skip:])


def outcome_at(lr: float, other: float) -> OutcomeName:
    return "stable" if lr * other < 1 else "exploded"


def test_a_fine_grid_of_two_numbers_has_a_tile_for_every_setting() -> None:
    found = grid(30, 26).dense_map
    assert found is not None
    assert (found.column.path, found.row.path) == ("optimizer.lr", "layer_lr.output")
    assert (len(found.tiles), len(found.tiles[0]), found.num_tiles) == (26, 30, 780)
    for y, row in enumerate(found.tiles):
        for x, tile in enumerate(row):
            assert tile == outcome_at(found.column.values[x], found.row.values[y])
    assert found.column.is_log
    assert found.column.values == tuple(sorted(found.column.values))


def test_a_coarse_grid_has_letters_instead() -> None:
    assert grid(MIN_SIDE, MIN_SIDE - 1).dense_map is None
    assert grid(MIN_SIDE, MIN_SIDE).dense_map is not None


def test_what_has_not_ended_is_an_empty_tile_and_leaves_the_boundary_open() -> None:
    found = grid(32, 32, skip=5).dense_map
    assert found is not None
    assert found.tiles[0][:6] == (None, None, None, None, None, "stable")
    assert found.num_tiles == 1019
    assert found.boundary is None


def test_points_that_lie_on_no_grid_make_no_map() -> None:
    rows = [
        make_row(n, 1.0 + n, axes={"optimizer.lr": 1.0 + n, "layer_lr.output": 2.0 + n % 97})
        for n in range(97)
    ]
    assert analyze(SPEC, rows).dense_map is None
    assert analyze(SPEC, []).dense_map is None


def test_of_equally_frequent_outcomes_the_worse_one_shows() -> None:
    rows = [
        make_row(
            number, float(x + 1), name, axes={"optimizer.lr": float(x + 1), "layer_lr.output": float(y + 1)}
        )
        for number, (x, y, name) in enumerate(
            (x, y, name) for x in range(24) for y in range(24) for name in ("stable", "exploded")
        )
    ]  # fmt: skip
    found = analyze(SPEC, rows).dense_map
    assert found is not None
    assert {tile for row in found.tiles for tile in row} == {"exploded"}


@settings(max_examples=40)
@given(st.floats(0, math.pi), st.floats(-8, 8))
def test_a_straight_boundary_has_dimension_one_whatever_its_slope(angle: float, offset: float) -> None:
    y, x = np.mgrid[-31.5:32, -31.5:32]
    found = find_boundary(x * math.cos(angle) + y * math.sin(angle) > offset)
    assert found is not None
    assert 0.88 < found.dimension < 1.07


def test_noise_has_dimension_two_and_a_carpet_that_of_its_formula() -> None:
    noise = find_boundary(np.random.default_rng(0).random((128, 128)) < 0.5)
    assert noise is not None
    assert noise.dimension == pytest.approx(2, abs=0.06)
    carpet = np.ones((1, 1), dtype=bool)
    for _ in range(5):
        empty = np.zeros_like(carpet)
        carpet = np.block([[carpet, carpet, carpet], [carpet, empty, carpet], [carpet, carpet, carpet]])
    found = find_boundary(carpet)
    assert found is not None
    assert found.dimension == pytest.approx(math.log(8) / math.log(3), abs=0.13)


def test_a_grid_without_a_boundary_or_without_room_for_boxes_has_no_dimension() -> None:
    assert find_boundary(np.ones((64, 64), dtype=bool)) is None
    assert find_boundary(np.eye(8, dtype=bool)) is None

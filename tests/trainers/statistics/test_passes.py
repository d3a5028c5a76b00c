"""Passes over memory, compiled and in NumPy, against the definitions and against each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trainers.statistics import _passes, numpy_passes, passes
from trainers.statistics.passes import Passes

# The cheap sum of squares overflows on purpose before the careful way is taken.
pytestmark = pytest.mark.filterwarnings(
    "ignore:overflow:RuntimeWarning", "ignore:invalid value:RuntimeWarning"
)

MADE = pytest.mark.parametrize("made", [_passes, numpy_passes], ids=["compiled", "numpy"])
TYPES = pytest.mark.parametrize("dtype", [np.float32, np.float64])
WIDTHS = (1, 40, 16, 0, 7)
"""Tensors shorter than, as long as and longer than what a compiled pass takes at once, and an empty one."""
BOUNDS = np.cumsum([0, *WIDTHS], dtype=np.int64)


def random(dtype: type, seed: int = 0, K: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((K, sum(WIDTHS))).astype(dtype)


def parts(rows: np.ndarray) -> list[np.ndarray]:
    return np.split(rows, BOUNDS[1:-1], axis=1)


def measured(made: Passes, grads: np.ndarray, previous: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    tensor_norms = np.full((len(grads), len(WIDTHS)), -1.0)
    rows = np.full((len(grads), passes.NUM_MEASUREMENTS), -1.0)
    largest = made.measure(parts(grads), parts(previous), None, tensor_norms, rows)
    return tensor_norms, rows, largest


def test_what_is_used_here_is_compiled() -> None:
    assert passes.IS_COMPILED, "no C compiler was found when gradsweep was installed"


@MADE
@TYPES
def test_everything_is_measured_by_its_definition(made: Passes, dtype: type) -> None:
    grads, before = random(dtype), random(dtype, seed=1)
    grads[:, ::3] = 0.0
    previous = before.copy()

    tensor_norms, rows, largest = measured(made, grads, previous)

    exact = grads.astype(np.float64)
    expected = np.stack([np.linalg.norm(part, axis=1) for part in parts(exact)], axis=1)
    np.testing.assert_allclose(tensor_norms, expected, rtol=1e-6)
    np.testing.assert_allclose(rows[:, passes.NORM], np.linalg.norm(exact, axis=1), rtol=1e-6)
    np.testing.assert_array_equal(rows[:, passes.MAX_ABS], np.abs(exact).max(axis=1))
    np.testing.assert_array_equal(rows[:, passes.NUM_NONZERO], (grads != 0).sum(axis=1))
    np.testing.assert_allclose(rows[:, passes.DOT], (exact * before).sum(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(previous, grads)
    assert largest == rows[:, passes.NORM].max()


@MADE
@TYPES
def test_tensors_are_copied_side_by_side_and_the_previous_ones_are_left(made: Passes, dtype: type) -> None:
    grads, before = random(dtype), random(dtype, seed=1)
    tensors = [np.ascontiguousarray(part).reshape(3, -1, 1) for part in parts(grads)]
    previous, copy = [np.ascontiguousarray(part) for part in parts(before)], np.zeros_like(grads)
    tensor_norms, rows = np.empty((3, len(WIDTHS))), np.empty((3, passes.NUM_MEASUREMENTS))

    made.measure(tensors, previous, copy, tensor_norms, rows)

    np.testing.assert_array_equal(copy, grads)
    np.testing.assert_array_equal(np.concatenate(previous, axis=1), before)
    expected_norms, expected_rows, _ = measured(made, grads, before)
    np.testing.assert_array_equal(tensor_norms, expected_norms)
    np.testing.assert_array_equal(rows, expected_rows)


@MADE
@pytest.mark.parametrize(
    ("dtype", "size"), [(np.float32, 1e-40), (np.float32, 1e38), (np.float64, 1e-300), (np.float64, 1e300)]
)
def test_norms_survive_squares_that_leave_the_range(made: Passes, dtype: type, size: float) -> None:
    grads: np.ndarray = np.full((1, sum(WIDTHS)), size, dtype)
    value = float(grads[0, 0])

    tensor_norms, rows, _ = measured(made, grads, np.zeros_like(grads))

    np.testing.assert_allclose(tensor_norms[0], value * np.sqrt(WIDTHS), rtol=1e-6)
    np.testing.assert_allclose(rows[0, passes.NORM], value * np.sqrt(sum(WIDTHS)), rtol=1e-6)


@MADE
@TYPES
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 5, 40, 63])
def test_a_broken_value_shows_in_its_own_row_only(made: Passes, dtype: type, bad: float, place: int) -> None:
    grads = random(dtype)
    grads[1, place] = bad

    tensor_norms, rows, largest = measured(made, grads, random(dtype, seed=1))

    broken = ~np.isfinite(rows[:, [passes.NORM, passes.MAX_ABS]])
    assert broken.tolist() == [[False, False], [True, True], [False, False]]
    assert not np.isfinite(largest)
    tensor = int(np.searchsorted(BOUNDS, place, side="right")) - 1
    assert np.flatnonzero(~np.isfinite(tensor_norms[1])).tolist() == [tensor]


@MADE
def test_rows_of_zeros_are_nothing(made: Passes) -> None:
    zeros = np.zeros((2, sum(WIDTHS)), np.float32)
    tensor_norms, rows, largest = measured(made, zeros, random(np.float32, K=2))
    assert not tensor_norms.any()
    assert not rows.any()
    assert largest == 0.0


ROWS = hnp.arrays(np.float32, (2, sum(WIDTHS)), elements=st.floats(width=32))


@settings(max_examples=50)
@given(ROWS, ROWS)
def test_compiled_and_numpy_find_the_same(grads: np.ndarray, before: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        found, expected = (measured(made, grads, before.copy()) for made in (_passes, numpy_passes))
    broken = [~np.isfinite(rows[:, passes.NORM]) for _, rows, _ in (found, expected)]
    np.testing.assert_array_equal(*broken)
    fine = ~broken[0]
    np.testing.assert_allclose(found[0][fine], expected[0][fine], rtol=1e-5)
    columns = [passes.NORM, passes.MAX_ABS, passes.NUM_NONZERO]
    np.testing.assert_allclose(found[1][fine][:, columns], expected[1][fine][:, columns], rtol=1e-5)


@MADE
@TYPES
def test_updates_are_made_where_nothing_comes_near_the_end_of_the_range(made: Passes, dtype: type) -> None:
    params, delta = random(dtype), random(dtype, seed=1)
    delta[2, 3] = np.inf
    before, expected = params.copy(), params + delta
    weight_norms, change_norms, were_made = np.empty(3), np.empty(3), np.zeros(3, np.bool_)
    made.norms(params, weight_norms)
    np.testing.assert_allclose(weight_norms, np.linalg.norm(before.astype(np.float64), axis=1), rtol=1e-6)

    is_all = made.update(params, delta, None, None, 1e6, weight_norms, change_norms, were_made)

    assert not is_all
    assert were_made.tolist() == [True, True, False]
    np.testing.assert_array_equal(params[:2], expected[:2])
    np.testing.assert_array_equal(params[2], before[2])
    np.testing.assert_allclose(weight_norms, np.linalg.norm(params.astype(np.float64), axis=1), rtol=1e-6)
    np.testing.assert_allclose(
        change_norms[:2], np.linalg.norm(delta[:2].astype(np.float64), axis=1), rtol=1e-6
    )
    first = slice(2)
    found = weight_norms[first], change_norms[first], were_made[first]
    assert made.update(params[first].copy(), delta[first].copy(), None, None, 1e6, *found)


@MADE
@TYPES
@pytest.mark.parametrize("knows_norms", [True, False])
def test_factors_multiply_the_change_of_their_row(made: Passes, dtype: type, knows_norms: bool) -> None:
    params, values = random(dtype), random(dtype, seed=1)
    factors = np.array([[-0.5], [2.0], [1e8]], dtype)
    before, change = params.astype(np.float64), values.astype(np.float64) * factors
    weight_norms, change_norms, were_made = np.empty(3), np.empty(3), np.zeros(3, np.bool_)
    made.norms(params, weight_norms)
    norms = np.linalg.norm(values.astype(np.float64), axis=1) if knows_norms else None

    is_all = made.update(params, values, factors, norms, 1e6, weight_norms, change_norms, were_made)

    assert not is_all
    assert were_made.tolist() == [True, True, False]
    np.testing.assert_allclose(change_norms, np.linalg.norm(change, axis=1), rtol=1e-6)
    np.testing.assert_allclose(params[:2], (before + change)[:2], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(params[2], before[2])
    np.testing.assert_allclose(weight_norms, np.linalg.norm(params.astype(np.float64), axis=1), rtol=1e-6)


def test_what_does_not_fit_is_refused_before_memory_is_touched() -> None:
    grads, norms, rows = random(np.float32), np.empty((3, len(WIDTHS))), np.empty((3, 4))
    with pytest.raises(ValueError, match="previous: expected 3 contiguous rows"):
        _passes.measure(parts(grads), parts(grads[:1].copy()), None, norms, rows)
    with pytest.raises(TypeError, match="previous: format 'd', expected 'f'"):
        _passes.measure(parts(grads), parts(grads.astype(np.float64)), None, norms, rows)
    with pytest.raises(ValueError, match="previous: 480 bytes, expected 12"):
        _passes.measure(parts(grads), [*parts(grads.copy())[1:], grads], None, norms, rows)
    with pytest.raises(TypeError, match="lists as long as each other"):
        _passes.measure(parts(grads), parts(grads.copy())[1:], None, norms, rows)
    with pytest.raises(ValueError, match="grads: expected 3 contiguous rows"):
        _passes.measure([grads[:, ::2]], [grads[:, ::2].copy()], None, norms[:, :1].copy(), rows)
    with pytest.raises(ValueError, match="copy: 64 numbers, expected 192"):
        _passes.measure(parts(grads), parts(grads.copy()), grads[:1].copy(), norms, rows)
    with pytest.raises(ValueError, match="tensor_norms: 3 numbers, expected 15"):
        _passes.measure(parts(grads), parts(grads.copy()), None, norms[:, 0].copy(), rows)
    with pytest.raises(ValueError, match="rows: 3 columns, expected 4"):
        _passes.measure(parts(grads), parts(grads.copy()), None, norms, rows[:, :3].copy())
    with pytest.raises(ValueError, match="not C-contiguous"):
        _passes.norms(grads[:, ::2], np.empty(3))
    with pytest.raises(TypeError, match="norms"):
        _passes.norms(grads)  # type: ignore[call-arg]
    found, made = np.empty(3), np.zeros(3, np.bool_)
    with pytest.raises(ValueError, match="factors: 2 numbers, expected 3"):
        _passes.update(grads, grads.copy(), np.ones((2, 1), np.float32), None, 1.0, found, found.copy(), made)
    with pytest.raises(TypeError, match="value_norms: format 'f', expected one of 'd'"):
        _passes.update(grads, grads.copy(), None, found.astype(np.float32), 1.0, found, found.copy(), made)

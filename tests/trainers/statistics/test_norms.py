from math import hypot

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from trainers.statistics.norms import device_norms, exact_norms, row_norms

# The cheap sum of squares overflows on purpose before the careful way is taken.
pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")

MODERATE = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 4), st.integers(1, 20)), elements=st.floats(-1e3, 1e3)
)


@given(MODERATE)
def test_norms_are_those_of_hypot(rows: np.ndarray) -> None:
    expected = np.array([hypot(*row) for row in rows])
    np.testing.assert_allclose(row_norms(rows), expected, rtol=1e-12)
    np.testing.assert_allclose(exact_norms(rows), expected, rtol=1e-12)
    np.testing.assert_allclose(device_norms(torch.from_numpy(rows)).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("size", [1e-30, 1e-20, 1e20, 1e30, 1e38])
def test_finite_float32_rows_have_finite_norms_that_are_not_lost(size: float) -> None:
    rows = np.full((2, 9), size, np.float32)
    np.testing.assert_allclose(row_norms(rows), 3 * size, rtol=1e-5)
    np.testing.assert_allclose(device_norms(torch.from_numpy(rows)).numpy(), 3 * size, rtol=1e-5)


@pytest.mark.parametrize("size", [1e-200, 1e200, 1e300])
def test_finite_float64_rows_have_finite_norms_that_are_not_lost(size: float) -> None:
    rows = np.full((2, 9), size)
    np.testing.assert_allclose(row_norms(rows), 3 * size, rtol=1e-12)
    np.testing.assert_allclose(device_norms(torch.from_numpy(rows)).numpy(), 3 * size, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nan_and_infinity_show_in_their_own_row_only(dtype: type) -> None:
    rows = np.ones((3, 4), dtype)
    rows[0, 1], rows[2, 3] = np.nan, -np.inf

    for found in (row_norms(rows), device_norms(torch.from_numpy(rows)).numpy()):
        assert not np.isfinite(found[0])
        assert found[1] == pytest.approx(2.0)
        assert not np.isfinite(found[2])


def test_rows_of_zeros_have_norm_zero() -> None:
    rows = np.zeros((2, 3), np.float32)
    np.testing.assert_array_equal(row_norms(rows), 0.0)
    np.testing.assert_array_equal(device_norms(torch.zeros(2, 3, dtype=torch.float64)).numpy(), 0.0)

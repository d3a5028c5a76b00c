import pytest

from sweeps.search.numbers import plain, tidy


@pytest.mark.parametrize(
    ("number", "written"), [(1.0, "1"), (-0.0, "0"), (0.5, "0.5"), (1e300, "1e+300"), (7, "7")]
)
def test_equal_settings_are_written_alike(number: float, written: str) -> None:
    assert repr(plain(number)) == written


def test_a_computed_number_loses_the_digits_that_rounding_made() -> None:
    assert tidy(0.1 + 0.2) == 0.3
    assert tidy(3.0000000000000004) == 3
    assert tidy(1e-30) == 1e-30

"""One way to write a number, so that equal settings have equal bytes."""

MAX_EXACT_INT = 2**53
"""Whole numbers up to here survive a JSON reader that keeps numbers as doubles."""

SIGNIFICANT_DIGITS = 12
"""Kept of a computed number: enough for any setting, too few for the last bit of exp() to show."""


def plain(number: float) -> float:
    """A whole number as an int, every other as it is: 1.0 and 1 are one setting.

    >>> plain(1e3), plain(-0.0), plain(0.5)
    (1000, 0, 0.5)
    """
    if isinstance(number, float) and number.is_integer() and abs(number) <= MAX_EXACT_INT:
        return int(number)
    return number


def tidy(number: float) -> float:
    """A computed number at 12 significant digits, the same on every machine.

    >>> tidy(0.1 + 0.2), tidy(99.99999999999999)
    (0.3, 100)
    """
    return plain(float(f"{number:.{SIGNIFICANT_DIGITS}g}"))

"""What a plain YAML word means, by the core schema of YAML 1.2: `1e-3` is a number, `no` is a word."""

import math
import re

NULLS = frozenset({"", "~", "null", "Null", "NULL"})
BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
DECIMAL = re.compile(r"[-+]?[0-9]+(_[0-9]+)*")
PREFIXED = re.compile(r"0x[0-9a-fA-F]+|0o[0-7]+")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(_[0-9]+)*(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
NONFINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
MAX_DIGITS = 400
"""A longer number is read as infinite, before Python spends quadratic time on it."""

Scalar = str | int | float | bool | None


def read_scalar(word: str) -> Scalar:
    """The value of an unquoted YAML word; a number too large to hold is infinite.

    >>> read_scalar("1e-3"), read_scalar("10_000"), read_scalar("no")
    (0.001, 10000, 'no')
    """
    if word in NULLS:
        return None
    if word in BOOLEANS:
        return BOOLEANS[word]
    if DECIMAL.fullmatch(word):
        return read_int(word)
    if PREFIXED.fullmatch(word):
        return int(word, 0)
    if NONFINITE.fullmatch(word):
        return float(word.replace(".", "", 1))
    return float(word) if FLOAT.fullmatch(word) else word


def read_int(digits: str) -> int | float:
    """A decimal whole number of any length."""
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf

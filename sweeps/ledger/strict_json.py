"""JSON columns that hold no NaN and no infinity, the same text in every database."""

import json
from collections.abc import Mapping
from math import isfinite
from numbers import Integral, Real
from types import NoneType
from typing import Any

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

PLAIN = (str, int, bool, NoneType)
"""Most of what is stored; asking it whether it is some `Integral` takes longer than writing it."""


def finite(value: Any) -> Any:
    """`value` with plain numbers, tuples as lists, and None for every number that is not finite.

    >>> finite({"loss": float("inf"), "steps": (1, 2)})
    {'loss': None, 'steps': [1, 2]}
    """
    if type(value) in PLAIN:
        return value
    if type(value) is float:
        return value if isfinite(value) else None
    if isinstance(value, dict | Mapping):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, str):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return finite_number(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON: {value!r}")


def finite_number(value: Real | float | None) -> float | None:
    """`value` as a float; None when it is missing, NaN or infinite."""
    return float(value) if value is not None and isfinite(value) else None


class StrictJson(TypeDecorator[Any]):
    """A JSON value as compact text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text; None stays NULL."""
        if value is None:
            return None
        return json.dumps(finite(value), allow_nan=False, separators=(",", ":"), ensure_ascii=False)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """From text."""
        return None if value is None else json.loads(value)

"""Numbers on their way into JSON, which knows no NaN and no infinity."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator


def finite_or_none(value: Any) -> Any:
    """`value`, or None where it is a float that is not finite.

    >>> [finite_or_none(x) for x in (1.5, float("nan"), float("inf"), "text")]
    [1.5, None, None, 'text']
    """
    return None if isinstance(value, float) and not isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(finite_or_none)]
"""A float in an answer: null where it is not a number."""


def finite_json(value: Any) -> Any:
    """A JSON value with null in place of every NaN and infinity, at any depth."""
    if isinstance(value, Mapping):
        return {str(key): finite_json(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [finite_json(item) for item in value]
    return finite_or_none(value)


def column(values: NDArray[np.float32]) -> list[float | None]:
    """A curve (R,) with null for not-a-number, each value with the digits that float32 has.

    >>> column(np.array([0.1, np.inf], dtype=np.float32))
    [0.1, None]
    """
    return [float(str(value)) if np.isfinite(value) else None for value in values.astype(np.float32)]

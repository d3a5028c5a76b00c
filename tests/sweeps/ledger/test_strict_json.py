"""JSON in the ledger is strict whatever goes in."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.ledger.strict_json import finite, finite_number

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_any_value_becomes_strict_json(value: object) -> None:
    text = json.dumps(finite(value), allow_nan=False)
    assert json.loads(text) == finite(value)


@given(VALUES)
def test_making_a_value_finite_twice_changes_nothing(value: object) -> None:
    assert finite(finite(value)) == finite(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), np.float32("nan"), None])
def test_what_is_not_finite_is_none(value: float | None) -> None:
    assert finite_number(value) is None
    assert finite([value]) == [None]


def test_numbers_of_numpy_become_plain_ones() -> None:
    assert finite({"a": np.float64(0.5), "b": np.int64(3), 4: (1,)}) == {"a": 0.5, "b": 3, "4": [1]}


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        finite({"a": object()})

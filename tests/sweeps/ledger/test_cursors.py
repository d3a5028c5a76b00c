"""Cursors say where a listing stopped, and nothing else is a cursor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.errors import CursorError
from sweeps.ledger.cursors import decode_cursor, encode_cursor


@given(st.integers(), st.floats(allow_nan=False, allow_infinity=False))
def test_a_cursor_reads_back(number: int, objective: float) -> None:
    cursor = encode_cursor("trials", objective, number)
    assert decode_cursor("trials", cursor, float, int) == [objective, number]


@given(st.text(max_size=40))
def test_any_other_word_is_refused(word: str) -> None:
    with pytest.raises(CursorError):
        decode_cursor("trials", word, int)


def test_a_cursor_of_another_listing_is_refused() -> None:
    with pytest.raises(CursorError):
        decode_cursor("sweeps", encode_cursor("trials", 1), int)


@pytest.mark.parametrize("position", [(), ("1",), (1, 2)])
def test_a_cursor_of_another_shape_is_refused(position: tuple[int | str, ...]) -> None:
    with pytest.raises(CursorError):
        decode_cursor("trials", encode_cursor("trials", *position), int)

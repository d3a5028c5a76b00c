"""Page cursors: where a listing stopped, as an opaque word."""

import base64
import binascii
import json
from typing import Any

from sweeps.errors import CursorError


def encode_cursor(listing: str, *position: str | int | float | None) -> str:
    """A cursor after the row at `position` of the listing called `listing`."""
    text = json.dumps([listing, *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(listing: str, cursor: str, *types: type | tuple[type, ...]) -> list[Any]:
    """The position in `cursor`, its parts being of `types`; raises `CursorError` for any other word."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        name, *position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError):
        name, position = None, []
    fits = len(position) == len(types) and all(map(isinstance, position, types))
    if name != listing or not fits:
        raise CursorError(f"{cursor!r} is no cursor of this listing; start again without one")
    return list(position)

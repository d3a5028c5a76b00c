"""Reading a request body: bounded, and only in the two forms that are understood."""

from typing import Any

from fastapi import Request

from service.problems import ProblemError
from sweeps.limits import DEFAULT_LIMITS
from sweeps.spec.document import read_document

SPEC_TYPES = frozenset(
    {"application/json", "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"}
)


async def read_changes(request: Request, max_bytes: int) -> dict[str, Any]:
    """The body as an object of spec parts, empty where there is none.

    Raises `ProblemError` as `read_spec_text` does, and `SpecError` for what is not a mapping.
    """
    if not request.headers.get("content-type") and request.headers.get("content-length", "0") == "0":
        return {}
    return read_document(await read_spec_text(request, max_bytes), DEFAULT_LIMITS).tree


async def read_spec_text(request: Request, max_bytes: int) -> str:
    """The body as text.

    Raises `ProblemError`: 415 unless it is declared to be YAML or JSON, 413 when it is larger than
    `max_bytes`, 400 when it is not UTF-8.
    """
    _check_type(request.headers.get("content-type", ""))
    body = await _read_bounded(request, max_bytes)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(400, f"the body is not UTF-8: {error.reason} at byte {error.start}") from None


def _check_type(content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in SPEC_TYPES:
        found = f"Content-Type {media_type!r} is" if media_type else "a body without Content-Type is"
        raise ProblemError(415, f"{found} not understood; send application/yaml or application/json")


async def _read_bounded(request: Request, max_bytes: int) -> bytes:
    """At most `max_bytes`: refuses a declared length before reading, and reads no further once it is over."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


def _too_large(max_bytes: int) -> ProblemError:
    detail = f"the body is larger than {max_bytes:,} bytes, which no spec needs"
    return ProblemError(413, detail, headers={"Connection": "close"})

"""Reading a spec from whatever holds it: YAML, JSON, or a mapping."""

from collections.abc import Mapping
from typing import Any

from sweeps.limits import Limits
from sweeps.spec.json_text import read_json
from sweeps.spec.problems import SpecError, SpecProblem
from sweeps.spec.tree import Document, clean
from sweeps.spec.yaml_text import read_yaml


def read_document(source: str | bytes | Mapping[str, Any], limits: Limits) -> Document:
    """The spec as plain JSON; raises `SpecError` for text that is too long, malformed, or not plain JSON."""
    if isinstance(source, (str, bytes)):
        return clean(_read_text(_decoded(source, limits), limits), limits)
    return clean(source, limits)


def _read_text(text: str, limits: Limits) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return read_json(text, limits)
        except ValueError as error:
            if isinstance(error, SpecError):
                raise
    return read_yaml(text, limits)


def _decoded(source: str | bytes, limits: Limits) -> str:
    try:
        data = source.encode() if isinstance(source, str) else source
        text = data.decode().removeprefix("\ufeff")
    except UnicodeError as error:
        raise SpecError([SpecProblem("", str(error), "text in UTF-8")]) from None
    if len(data) > limits.max_spec_bytes:
        expected = f"at most {limits.max_spec_bytes:,} bytes; a domain such as log_grid says more in less"
        raise SpecError([SpecProblem("", f"{len(data):,} bytes", expected)])
    return text

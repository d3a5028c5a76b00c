"""A spec from JSON text, keeping repeated keys so that they can be refused."""

import json
from typing import Any

from sweeps.limits import Limits
from sweeps.spec.problems import SpecError, SpecProblem
from sweeps.spec.scalars import read_int
from sweeps.spec.tree import RawMapping, too_deep


def read_json(text: str, limits: Limits) -> Any:
    """What `text` says; raises `ValueError` when it is not JSON, `SpecError` when it nests too deeply."""
    try:
        return json.loads(text, object_pairs_hook=_mapping, parse_int=read_int)
    except RecursionError:
        raise SpecError([SpecProblem("", None, too_deep(limits))]) from None


def _mapping(pairs: list[tuple[str, Any]]) -> RawMapping:
    return RawMapping([(key, value, None) for key, value in pairs])

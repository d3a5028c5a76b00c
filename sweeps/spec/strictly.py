"""Validation of plain JSON against a model: text is never a number, and every problem is told at once."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from sweeps.spec.issues import Issue, issues_of

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


def strictly(model: type[M], tree: Any) -> tuple[M | None, list[Issue]]:
    """The validated model, or None and what is wrong.

    Goes through JSON text, where strict validation takes a list for a tuple, and nothing else for anything
    else.
    """
    try:
        return model.model_validate_json(json.dumps(tree), strict=True), []
    except ValidationError as error:
        return None, issues_of(error, model, tree)


def accepted(adapter: TypeAdapter[T], tree: Any) -> T | None:
    """The validated value, or None when anything is wrong with it."""
    try:
        return adapter.validate_json(json.dumps(tree), strict=True)
    except ValidationError:
        return None

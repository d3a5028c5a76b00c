"""What there is to sweep: presets, the catalogue of kinds, the spec's JSON Schema."""

from typing import Any

from fastapi import APIRouter

from sweeps.spec import json_schema

router = APIRouter(prefix="/v1", tags=["meta"])


@router.get("/schema")
def get_schema() -> dict[str, Any]:
    """The JSON Schema of a spec, for editors and other programs."""
    return json_schema()

"""What there is to sweep: presets, the catalogue of kinds, the spec's JSON Schema."""

from typing import Any

from fastapi import APIRouter

from service.schemas import Listing, PresetAnswer
from sweeps.catalog import catalog
from sweeps.presets import list_presets
from sweeps.spec import json_schema

router = APIRouter(prefix="/v1", tags=["meta"])


@router.get("/presets")
def get_presets() -> Listing[PresetAnswer]:
    """Sweeps that can be submitted by name, each with its spec in full size and in small."""
    presets = [PresetAnswer(**preset.to_json()) for preset in list_presets()]
    return Listing(items=presets, next_cursor=None)


@router.get("/catalog")
def get_catalog() -> dict[str, Any]:
    """Everything that a spec can name, with defaults, ranges and sources."""
    return catalog().to_json()


@router.get("/schema")
def get_schema() -> dict[str, Any]:
    """The JSON Schema of a spec, for editors and other programs."""
    return json_schema()

"""What the form for a new sweep starts from: the presets as text, or a sweep that is there."""

from functools import lru_cache
from typing import Any

from service.pages.spec_text import spec_text
from service.settings import ServiceSettings
from sweeps.ledger.base import Sweep
from sweeps.presets import list_presets

FIRST_PRESET = "digits-quick"
"""What the form begins with: the whole way in seconds."""


def new_values(settings: ServiceSettings, like: Sweep | None, preset: str | None) -> dict[str, Any]:
    """Everything that the template needs; the form begins with the spec of `like`, or with a preset."""
    presets = preset_texts()
    names = [entry["name"] for entry in presets]
    chosen = preset if preset in names else FIRST_PRESET if FIRST_PRESET in names else names[0]
    text = spec_text(like.spec) if like else presets[names.index(chosen)]["text"]
    return {
        "here": "new",
        "mlflow_url": settings.mlflow_link_base,
        "presets": presets,
        "chosen": "" if like else chosen,
        "like": like,
        "text": text,
        "num_lines": text.count("\n") + 1,
    }


@lru_cache(maxsize=1)
def preset_texts() -> list[dict[str, str]]:
    """Name, title, description and both texts of every preset."""
    return [
        {
            "name": preset.name,
            "title": preset.title,
            "description": preset.description,
            "text": spec_text(preset.written()),
            "small": spec_text(preset.written(small=True)),
        }
        for preset in list_presets()
    ]

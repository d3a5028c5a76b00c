"""Sweeps that come with gradsweep."""

from sweeps.presets.files import find_preset, list_presets, load_preset
from sweeps.presets.preset import Preset, PresetSeconds

__all__ = ["Preset", "PresetSeconds", "find_preset", "list_presets", "load_preset"]

"""The stability map while a sweep runs: where each trial lies, how it ended, and the edges so far."""

from service.maps.stability_maps import StabilityMaps

__all__ = ["StabilityMaps"]

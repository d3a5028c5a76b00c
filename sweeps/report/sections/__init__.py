"""The sections of the report, in the order in which they are read."""

from collections.abc import Callable

from sweeps.report.sections.advice import advice
from sweeps.report.sections.base import ReportData, Section
from sweeps.report.sections.edges import edges
from sweeps.report.sections.stability_map import stability_map

SECTIONS: tuple[Callable[[ReportData], Section | None], ...] = (stability_map, edges, advice)
"""Each gives None where the sweep has nothing to say about its subject."""

__all__ = ["SECTIONS", "ReportData", "Section"]

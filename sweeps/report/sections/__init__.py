"""The sections of the report, in the order in which they are read."""

from collections.abc import Callable

from sweeps.report.sections.advice import advice
from sweeps.report.sections.axis_edges import axis_edges
from sweeps.report.sections.base import ReportData, Section
from sweeps.report.sections.closing import failures, method, spec
from sweeps.report.sections.dense_map import dense_map
from sweeps.report.sections.edges import edges
from sweeps.report.sections.explosions import explosions
from sweeps.report.sections.importance import importance
from sweeps.report.sections.layers import layers
from sweeps.report.sections.lr_curves import clip_fractions, p_stable, sensitivity
from sweeps.report.sections.parallel import parallel
from sweeps.report.sections.remedies import clip_advice, remedies
from sweeps.report.sections.stability_map import stability_map
from sweeps.report.sections.trade_off import trade_off
from sweeps.report.sections.trial_curves import gradient_norms, losses

SECTIONS: tuple[Callable[[ReportData], Section | None], ...] = (
    stability_map, dense_map, advice, trade_off, axis_edges, edges, remedies, p_stable, sensitivity,
    importance, parallel, losses, gradient_norms, clip_fractions, clip_advice, explosions, layers, failures,
    spec, method,
)  # fmt: skip
"""Each gives None where the sweep has nothing to say about its subject."""

__all__ = ["SECTIONS", "ReportData", "Section"]

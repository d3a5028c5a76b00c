"""What a sweep's trials say: outcome maps, edges, LR sensitivity, what bought what, a recommendation.

Pure functions of ledger rows: no Ray, no server, no database.
"""

from sweeps.analysis.analysis import Analysis, analyze
from sweeps.analysis.cells import Cell
from sweeps.analysis.dense_map import Boundary, DenseAxis, DenseMap
from sweeps.analysis.edges import Edge, find_edge
from sweeps.analysis.explanation import Explanation, explain
from sweeps.analysis.fit import LogisticFit
from sweeps.analysis.intervals import Interval, wilson
from sweeps.analysis.labels import axis_labels, number_label, setting_label, value_label
from sweeps.analysis.outcome_map import MapPanel, MapRow, OutcomeMap
from sweeps.analysis.points import LrPoint, Tally
from sweeps.analysis.recommendation import Candidate, Recommendation
from sweeps.analysis.sensitivity import Sensitivity, lr_sensitivity

__all__ = [
    "Analysis",
    "Boundary",
    "Candidate",
    "Cell",
    "DenseAxis",
    "DenseMap",
    "Edge",
    "Explanation",
    "Interval",
    "LogisticFit",
    "LrPoint",
    "MapPanel",
    "MapRow",
    "OutcomeMap",
    "Recommendation",
    "Sensitivity",
    "Tally",
    "analyze",
    "axis_labels",
    "explain",
    "find_edge",
    "lr_sensitivity",
    "number_label",
    "setting_label",
    "value_label",
    "wilson",
]

"""The labels of an analysis: those of `sweeps.labels`."""

from sweeps.labels import (
    ABSENT,
    BY_NAME,
    LONGEST_LABEL,
    axis_labels,
    count,
    number_label,
    own_values,
    percent,
    setting_label,
    unique_labels,
    value_label,
)

__all__ = [
    "ABSENT",
    "BY_NAME",
    "LONGEST_LABEL",
    "axis_labels",
    "count",
    "number_label",
    "own_values",
    "percent",
    "setting_label",
    "unique_labels",
    "value_label",
]

"""How MLflow's pages open: the columns of the table of runs, and the charts beside it.

MLflow keeps a view in the browser, or, once somebody shares it, in a tag of the experiment that a link names.
The mirror sets such a tag, so that links of ours open with the charts that tell whether training was stable.
"""

import json
from typing import Any

VIEW_NAME = "gradsweep"
VIEW_TAG = f"mlflow.sharedViewState.{VIEW_NAME}"
CHARTED = (
    "train_loss",
    "eval_loss",
    "grad_norm",
    "grad_norm_max",
    "clip_fraction",
    "update_ratio",
    "sharpness",
)
"""Curves that have a chart from the start; few, since each asks the server for the curves of all listed runs.

MLflow adds the other metrics in a section below them, which is closed.
"""
SHARES = ("clip_fraction",)
"""Curves between 0 and 1. The others have a logarithmic axis: one diverged run would flatten all the rest."""
COMPARED = ("stability_score", "first_nonfinite_step")
"""Numbers of the whole run that are drawn as bars."""
COLUMNS = (
    "tags.`outcome`", "tags.`outcome.layer`", "metrics.`first_nonfinite_step`", "metrics.`stability_score`",
    "metrics.`objective`", "attributes.`Dataset`",
)  # fmt: skip
GROUPS = {"aggregateFunction": "average", "groupByKeys": [{"mode": "tag", "groupByData": "outcome"}]}
"""A line for each outcome: MLflow draws no run that is folded under its parent, but it does group them."""
SECTION, REST = "gradsweep-stability", "gradsweep-rest"


def shared_view() -> str:
    """The view as MLflow 3 stores it: JSON, below the 5,000 characters of an experiment's tag."""
    charts = [_chart(name, "LINE") for name in CHARTED] + [_chart(name, "BAR") for name in COMPARED]
    sections = [_section(SECTION, "Stability", is_ours=True), _section(REST, "Model metrics")]
    view = {
        "groupBy": GROUPS,
        "useGroupedValuesInCharts": True,
        "selectedColumns": COLUMNS,
        "compareRunCharts": charts,
        "compareRunSections": sections,
        "isAccordionReordered": True,
        "hideEmptyCharts": True,
        "runsHiddenMode": "FIRST_20_RUNS",
    }
    return json.dumps(view, separators=(",", ":"))


def _chart(metric: str, kind: str) -> dict[str, Any]:
    scale = "linear" if metric in SHARES else "log"
    line = {"selectedMetricKeys": [metric], "xAxisKey": "step", "scaleType": scale, "lineSmoothness": 0}
    return {
        "uuid": f"gradsweep-{metric}",
        "type": kind,
        "metricKey": metric,
        "metricSectionId": SECTION,
        "isGenerated": False,
        "deleted": False,
        "runsCountToCompare": 20,
        **(line if kind == "LINE" else {}),
    }


def _section(uuid: str, name: str, *, is_ours: bool = False) -> dict[str, Any]:
    return {
        "uuid": uuid,
        "name": name,
        "display": is_ours,
        "isReordered": False,
        "deleted": False,
        "isGenerated": not is_ours,
    }

"""Every name in MLflow is documented, and none that training can give is missing."""

from pathlib import Path

import pytest

from sweeps.mlflow_names import ARTIFACTS, CURVES, SUMMARY, SWEEP_METRICS, SWEEP_TAGS, TRIAL_TAGS
from trainers.statistics.curves import MAXIMA, MEANS
from trainers.statistics.scheduled import CURVES as SCHEDULED

PAGE = Path(__file__).parents[2] / "docs" / "mlflow.md"


@pytest.mark.parametrize(
    "names",
    [CURVES, SUMMARY, SWEEP_METRICS, TRIAL_TAGS, SWEEP_TAGS, ARTIFACTS],
    ids=["curves", "summary", "sweep metrics", "trial tags", "sweep tags", "artifacts"],
)
def test_every_name_is_documented_with_its_meaning(names: dict[str, str]) -> None:
    lines = set(PAGE.read_text().splitlines())
    assert {f"| `{name}` | {meaning} |" for name, meaning in names.items()} <= lines


def test_every_curve_of_training_has_a_meaning() -> None:
    others = {"grad_norm_p99", "spikes", "lr", "eval_loss", "eval_accuracy"}
    assert set(MEANS.values()) | set(MAXIMA.values()) | set(SCHEDULED) | others == set(CURVES)

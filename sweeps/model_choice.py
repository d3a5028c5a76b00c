"""Which trial becomes a sweep's model, and what is told about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweeps.analysis import Candidate, Recommendation
from sweeps.labels import value_label
from sweeps.ledger.base import TrialRow
from sweeps.model_version import ModelVersion

if TYPE_CHECKING:
    from trainers.once import Trained

COMPARED = "eval_loss"


@dataclass(frozen=True)
class Choice:
    """The recommended setting and the stable trial whose seed is used again."""

    setting: Candidate
    trial: TrialRow


def choose(recommendation: Recommendation, trials: Sequence[TrialRow]) -> Choice | None:
    """The first stable trial of the recommended setting; None when nothing is recommended."""
    best = recommendation.best
    if best is None:
        return None
    stable = [t for t in trials if t.number in best.trials and t.record.verdict.outcome == "stable"]
    return Choice(best, min(stable, key=lambda trial: trial.number)) if stable else None


def make_version(name: str, choice: Choice, trained: Trained) -> ModelVersion:
    """The version's tags, and whether training again gave what the trial had recorded."""
    trial, margin = choice.trial, choice.setting.margin
    tags = {
        "gradsweep.sweep_id": trial.sweep_id,
        "gradsweep.trial": str(trial.number),
        "lr": repr(choice.setting.lr),
        "clip": value_label(trial.config.get("clip", {"kind": "none"})),
        COMPARED: repr(trained.record.final.get(COMPARED)),
        **({} if margin is None else {"edge_margin": f"{margin:.6g}"}),
        "edge_axis": choice.setting.yardstick.label,
    }
    what = f"The recommended setting of sweep `{trial.sweep_id}`, {choice.setting.name}, trained once more"
    same = _sameness(trial.record.final.get(COMPARED), trained.record.final.get(COMPARED))
    return ModelVersion(
        name=name, tags=tags, description=f"{what} with the seed of trial {trial.number}. {same}"
    )


def _sameness(recorded: float | None, again: float | None) -> str:
    if recorded == again:
        return f"Its {COMPARED} is the trial's, {again!r}."
    return f"Its {COMPARED} is {again!r}, not the trial's {recorded!r}: it was trained alone, on a CPU."


def readme(version: ModelVersion) -> str:
    """How to load the model from the folder that this text lies in."""
    return f"""# {version.name}

{version.description}

```python
from trainers.saved_model import load_model

model = load_model("FOLDER")  # where this file, weights.pt and config.json lie
outputs = model(inputs)       # inputs (B, ...) of the form that the trial's data have
model.evaluate()              # on the held-out part of those data
```
"""

"""Where trials explode: which layer first, in which phase, after how many steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from sweeps.analysis.intervals import Interval, wilson
from sweeps.analysis.labels import percent
from sweeps.analysis.observation import Observation

UNNAMED = "(layer not known)"


@dataclass(frozen=True)
class LayerExplosions:
    """Explosions whose first non-finite number was in one layer; steps are those at which it appeared."""

    layer: str
    count: int
    share: float
    interval: Interval
    first_step: int | None
    median_step: float | None
    last_step: int | None
    phases: dict[str, int]

    def text(self) -> str:
        """One sentence."""
        when = ""
        if self.median_step is not None:
            word = "at" if self.first_step == self.last_step else "half of these by"
            when = f", {word} step {self.median_step:g}"
        return (
            f"{self.layer} was the first not to be finite in {self.count} "
            f"({percent(self.share)}, 95 % {self.interval.label()}){when}"
        )


@dataclass(frozen=True)
class Explosions:
    """All explosions of the sweep, the most frequent layer first."""

    num_exploded: int
    num_trials: int
    median_step: float | None
    layers: tuple[LayerExplosions, ...]


def count_explosions(trials: Sequence[Observation]) -> Explosions:
    """Count explosions by the layer that their evidence names."""
    ended = [trial for trial in trials if trial.outcome != "failed"]
    exploded = [trial for trial in ended if trial.outcome == "exploded"]
    by_layer: dict[str, list[Observation]] = {}
    for trial in exploded:
        by_layer.setdefault(trial.evidence.layer or UNNAMED, []).append(trial)
    layers = [_layer(name, group, len(exploded)) for name, group in by_layer.items()]
    layers.sort(key=lambda layer: (-layer.count, layer.layer))
    steps = _steps(exploded)
    return Explosions(len(exploded), len(ended), median(steps) if steps else None, tuple(layers))


def _layer(name: str, trials: Sequence[Observation], num_exploded: int) -> LayerExplosions:
    steps = _steps(trials)
    phases = [trial.evidence.phase for trial in trials if trial.evidence.phase is not None]
    return LayerExplosions(
        layer=name,
        count=len(trials),
        share=len(trials) / num_exploded,
        interval=wilson(len(trials), num_exploded),
        first_step=min(steps, default=None),
        median_step=float(median(steps)) if steps else None,
        last_step=max(steps, default=None),
        phases={phase: phases.count(phase) for phase in ("forward", "backward", "update") if phase in phases},
    )


def _steps(trials: Sequence[Observation]) -> list[int]:
    return [trial.evidence.step for trial in trials if trial.evidence.step is not None]

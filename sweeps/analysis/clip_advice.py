"""Where a clip threshold would act: the distribution of gradient norms of stable runs without clipping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweeps.analysis.labels import count, number_label, percent, setting_label
from sweeps.analysis.observation import value_key
from sweeps.ledger.base import TrialRow
from trainers.record import Curves

SHARES = (0.01, 0.1, 0.5)
"""How often a threshold should act: on outliers only, often, and half the time."""

MOST_GROUPS = 12


@dataclass(frozen=True)
class Threshold:
    """A global-norm threshold that the largest norm of a window exceeds in this share of the windows.

    `smallest` and `largest` are its values for single trials.
    """

    share: float
    value: float
    smallest: float
    largest: float


@dataclass(frozen=True)
class ClipAdvice:
    """Thresholds for one setting of the axes other than learning rate and clip."""

    label: str
    num_trials: int
    num_windows: int
    thresholds: tuple[Threshold, ...]

    def text(self) -> str:
        """One sentence with the thresholds."""
        parts = [f"{number_label(found.value)} in {percent(found.share)}" for found in self.thresholds]
        return (
            f"{self.label}: over {count(self.num_trials, 'stable trial')} without clipping, a global-norm "
            f"threshold would have acted at {', at '.join(parts)} of the report windows"
        )


def advise_clip(trials: Sequence[TrialRow], curves: Mapping[int, Curves]) -> tuple[ClipAdvice, ...]:
    """Advice from the trials that are in `curves`, were not clipped and ended stable; empty without any."""
    known = [row for row in trials if row.number in curves]
    advice = [_advice(group, curves) for group in advice_groups(known)]
    return tuple(found for found in advice if found is not None)


def advice_groups(trials: Sequence[TrialRow]) -> list[list[TrialRow]]:
    """Stable, unclipped trials by their other axes than learning rate; at most `MOST_GROUPS` groups."""
    groups: dict[str, list[TrialRow]] = {}
    for row in trials:
        unclipped = row.config.get("clip", {"kind": "none"}).get("kind") == "none"
        if unclipped and row.record.verdict.outcome == "stable":
            groups.setdefault(value_key(_others(row)), []).append(row)
    return list(groups.values())[:MOST_GROUPS]


def _others(row: TrialRow) -> dict[str, object]:
    return {
        path: value
        for path, value in row.axes.items()
        if path.split(".")[0] not in ("clip", "optimizer") or path == "optimizer.kind"
    }


def _advice(rows: Sequence[TrialRow], curves: Mapping[int, Curves]) -> ClipAdvice | None:
    norms = [_norms(curves[row.number]) for row in rows]
    norms = [found for found in norms if len(found)]
    if not norms:
        return None
    pooled = np.concatenate(norms)
    thresholds = [
        Threshold(
            share=share,
            value=float(np.quantile(pooled, 1 - share)),
            smallest=min(float(np.quantile(found, 1 - share)) for found in norms),
            largest=max(float(np.quantile(found, 1 - share)) for found in norms),
        )
        for share in SHARES
    ]
    label = setting_label(_others(rows[0])) if _others(rows[0]) else "all settings"
    return ClipAdvice(label, len(norms), len(pooled), tuple(thresholds))


def _norms(curves: Curves) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    found = np.asarray(curves.scalars.get("grad_norm_max", np.array([])), np.float64)
    return found[np.isfinite(found)]

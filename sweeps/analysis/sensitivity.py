"""LR sensitivity: how much is lost on average by not knowing the best learning rate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import fmean

from sweeps.analysis.labels import number_label
from sweeps.analysis.observation import Observation

MOST_UNEVEN = 5.0
"""Largest over smallest gap in ln lr of what may pass for a grid; a search leaves gaps 20 times as large."""


@dataclass(frozen=True)
class LrLoss:
    """The loss that one learning rate counts with: capped at the loss at initialisation."""

    lr: float
    capped_loss: float


@dataclass(frozen=True)
class Sensitivity:
    """Mean over the learning rates of min(ℓ(lr), ℓ₀) − ℓ*, in units of the loss.

    ℓ(lr) is the final evaluation loss, averaged over seeds after capping; a non-finite one counts as ℓ₀, the
    loss at initialisation; ℓ* is the best of the averages (Wortsman et al. 2023, arXiv 2309.14322). `lowest`
    and `highest` are its values for single seeds, None where no two seeds cover every learning rate. It
    depends on the range that was swept, so it carries it. `is_weighted` says that learning rates lie
    unevenly, as a search places them, and each counts by the stretch of ln lr that it stands for.
    """

    value: float
    lowest: float | None
    highest: float | None
    best_lr: float
    best_loss: float
    initial_loss: float
    lr_min: float
    lr_max: float
    num_lrs: int
    is_weighted: bool
    curve: tuple[LrLoss, ...]

    def text(self) -> str:
        """One sentence with the range it holds for."""
        spread = ""
        if self.lowest is not None and self.highest is not None:
            spread = f" (single seeds: {number_label(self.lowest)} to {number_label(self.highest)})"
        weighted = ", each by the stretch it stands for" if self.is_weighted else ""
        return (
            f"LR sensitivity {number_label(self.value)}{spread} over {self.num_lrs} learning rates from "
            f"{number_label(self.lr_min)} to {number_label(self.lr_max)}{weighted}; best loss "
            f"{number_label(self.best_loss)} at lr {number_label(self.best_lr)}, "
            f"{number_label(self.initial_loss)} at initialisation"
        )


def lr_sensitivity(losses: Mapping[float, Sequence[float | None]], initial_loss: float) -> float:
    """The sensitivity of a table: learning rate to the final losses of its seeds.

    None, NaN and infinities of either sign are losses that are not finite.

    >>> lr_sensitivity({0.01: [2.0], 0.1: [1.0], 1.0: [None]}, initial_loss=3.0)
    1.0
    """
    means = [_capped_mean(values, initial_loss) for values in losses.values()]
    return fmean(means) - min(means)


def cell_sensitivity(trials: Sequence[Observation]) -> Sensitivity | None:
    """The sensitivity of a cell.

    None with fewer than two learning rates, with no loss at initialisation, and where trials were stopped
    early: their losses say nothing about a whole training.
    """
    ended = sorted((trial for trial in trials if trial.outcome != "failed"), key=lambda trial: trial.lr)
    starts = [trial.initial_loss for trial in ended if trial.initial_loss is not None]
    table = {lr: list(group) for lr, group in groupby(ended, key=lambda trial: trial.lr)}
    if len(table) < 2 or not starts or any(trial.is_partial for trial in ended):
        return None
    initial = fmean(starts)
    curve = [LrLoss(lr, _capped_mean([t.loss for t in group], initial)) for lr, group in table.items()]
    best = min(curve, key=lambda point: point.capped_loss)
    weights = _weights([point.lr for point in curve])
    singles = _single_seeds(table, initial) if weights is None else []
    return Sensitivity(
        value=fmean([point.capped_loss for point in curve], weights) - best.capped_loss,
        lowest=min(singles) if len(singles) > 1 else None,
        highest=max(singles) if len(singles) > 1 else None,
        best_lr=best.lr,
        best_loss=best.capped_loss,
        initial_loss=initial,
        lr_min=curve[0].lr,
        lr_max=curve[-1].lr,
        num_lrs=len(curve),
        is_weighted=weights is not None,
        curve=tuple(curve),
    )


def _single_seeds(table: Mapping[float, Sequence[Observation]], initial: float) -> list[float]:
    """The sensitivity of each seed that was trained at every learning rate."""
    by_repeat: dict[int, dict[float, list[float | None]]] = {}
    for lr, group in table.items():
        for trial in group:
            by_repeat.setdefault(trial.repeat, {})[lr] = [trial.loss]
    return [lr_sensitivity(losses, initial) for losses in by_repeat.values() if len(losses) == len(table)]


def _weights(lrs: Sequence[float]) -> list[float] | None:
    """How much of ln lr each learning rate stands for; None where they lie evenly enough to count alike."""
    gaps = [math.log(high / low) for low, high in pairwise(lrs)]
    if max(gaps) <= MOST_UNEVEN * min(gaps):
        return None
    return [(before + after) / 2 for before, after in pairwise([gaps[0], *gaps, gaps[-1]])]


def _capped_mean(losses: Sequence[float | None], initial_loss: float) -> float:
    capped = [
        initial_loss if loss is None or not math.isfinite(loss) else min(loss, initial_loss)
        for loss in losses
    ]
    return fmean(capped)

"""LR sensitivity (Wortsman et al. 2023, arXiv 2309.14322) on a table worked out by hand.

Loss at initialisation ℓ₀ = 4. Final losses of two seeds at five learning rates:

    lr      seed 0   seed 1    min(ℓ, ℓ₀)    mean
    0.001   3.0      3.4       3.0, 3.4      3.2
    0.01    2.0      2.2       2.0, 2.2      2.1
    0.1     1.0      1.4       1.0, 1.4      1.2     the best, ℓ*
    1       7.0      2.0       4.0, 2.0      3.0     a finite loss above ℓ₀ counts as ℓ₀
    10      nan      nan       4.0, 4.0      4.0     a loss that is not finite counts as ℓ₀

Mean of the last column: 13.5 / 5 = 2.7. Sensitivity: 2.7 − 1.2 = 1.5.
Seed 0 alone: (3 + 2 + 1 + 4 + 4) / 5 − 1 = 1.8. Seed 1 alone: (3.4 + 2.2 + 1.4 + 2 + 4) / 5 − 1.4 = 1.2.
"""

import pytest

from sweeps.analysis import analyze, lr_sensitivity
from sweeps.spec import SweepSpec
from tests.sweeps.analysis.trials import make_row

INITIAL = 4.0
TABLE: dict[float, list[float | None]] = {
    0.001: [3.0, 3.4], 0.01: [2.0, 2.2], 0.1: [1.0, 1.4], 1.0: [7.0, 2.0], 10.0: [None, None],
}  # fmt: skip


def test_the_table_has_the_sensitivity_worked_out_on_paper() -> None:
    assert lr_sensitivity(TABLE, INITIAL) == pytest.approx(1.5, abs=1e-12)


def test_the_analysis_of_such_trials_gives_the_same_number() -> None:
    rows = [
        make_row(
            2 * place + repeat, lr, "exploded" if loss is None else "stable",
            repeat=repeat, config_number=place, loss=loss, initial_loss=INITIAL,
        )
        for place, (lr, losses) in enumerate(TABLE.items())
        for repeat, loss in enumerate(losses)
    ]  # fmt: skip
    spec = SweepSpec.model_validate({"name": "by hand", "axes": {"optimizer.lr": {"values": list(TABLE)}}})
    (cell,) = analyze(spec, rows).cells
    found = cell.sensitivity
    assert found is not None
    assert found.value == pytest.approx(1.5, abs=1e-12)
    assert (found.lowest, found.highest) == (pytest.approx(1.2), pytest.approx(1.8))
    assert (found.best_lr, found.initial_loss) == (0.1, 4.0)


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), float("-inf")])
def test_whatever_is_not_finite_counts_as_the_loss_at_initialisation(broken: float) -> None:
    table = {lr: [broken if loss is None else loss for loss in losses] for lr, losses in TABLE.items()}
    assert lr_sensitivity(table, INITIAL) == pytest.approx(1.5, abs=1e-12)


def test_a_table_without_loss_to_lose_has_none() -> None:
    assert lr_sensitivity({0.1: [1.0], 1.0: [1.0]}, 1.0) == 0.0


def test_everything_diverged_is_not_called_sensitive() -> None:
    """All learning rates equally bad: ℓ* = ℓ₀, so nothing is lost by choosing a wrong one."""
    assert lr_sensitivity({0.1: [None], 1.0: [9.0]}, INITIAL) == 0.0

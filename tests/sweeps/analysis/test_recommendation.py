"""The recommendation: the best objective with room to spare, or why there is none."""

from collections.abc import Mapping
from typing import Any

import pytest

from sweeps.analysis import Recommendation, analyze
from sweeps.ledger.base import TrialRow
from tests.sweeps.analysis.trials import cell_rows, grid_rows, grid_spec, make_row
from trainers.record import OutcomeName


def recommend(rows: list[TrialRow], **changes: Any) -> Recommendation:
    return analyze(grid_spec(**changes), rows).recommendation


def rows_of(
    settings: Mapping[float, tuple[OutcomeName, float | None]], clip: str = "none", start: int = 0
) -> list[TrialRow]:
    """One cell with two equal seeds: learning rate to outcome and loss."""
    return [
        make_row(start + 2 * place + repeat, lr, outcome, axes={"optimizer.lr": lr, "clip": clip},
                 config_number=start + place, repeat=repeat, loss=loss)
        for place, (lr, (outcome, loss)) in enumerate(settings.items())
        for repeat in range(2)
    ]  # fmt: skip


CELL: dict[float, tuple[OutcomeName, float | None]] = {
    0.1: ("stable", 0.9), 0.2: ("stable", 0.5), 0.4: ("stable", 0.3), 0.8: ("stable", 0.2),
    1.6: ("exploded", None),
}  # fmt: skip


def test_the_best_with_a_twofold_margin_wins_over_a_better_one_at_the_edge() -> None:
    found = recommend(rows_of(CELL))
    assert found.finding == "found"
    assert found.best is not None
    assert (found.best.lr, found.best.margin, found.best.objective) == (0.4, 2.0, 0.3)
    assert (found.num_settings, found.num_stable_enough, found.num_with_margin) == (5, 4, 3)


def test_the_runner_up_is_the_best_of_another_cell() -> None:
    other = {lr: (outcome, None if loss is None else loss + 0.05) for lr, (outcome, loss) in CELL.items()}
    found = recommend([*rows_of(CELL), *rows_of(other, clip="norm", start=100)])
    assert found.best is not None
    assert found.runner_up is not None
    assert (found.best.cell, found.runner_up.cell) == (0, 1)
    assert not found.is_within_spread


def test_with_one_cell_the_runner_up_is_the_next_lr() -> None:
    found = recommend(rows_of(CELL))
    assert found.runner_up is not None
    assert found.runner_up.lr == 0.2


def test_settings_whose_seeds_overlap_are_said_to() -> None:
    found = recommend([*rows_of(CELL), *rows_of(CELL, clip="norm", start=100)])
    assert found.is_within_spread
    assert "may be equally good" in found.text()


def test_a_margin_beyond_the_range_is_at_least() -> None:
    found = recommend(rows_of({0.1: ("stable", 0.5), 1.0: ("stable", 0.9)}))
    assert found.best is not None
    assert (found.best.lr, found.best.is_margin_open) == (0.1, True)
    assert "at least 10× above" in found.text()


def test_more_is_better_when_the_objective_says_so() -> None:
    found = recommend(rows_of(CELL), objective={"metric": "eval_accuracy", "mode": "max"})
    assert found.best is not None
    assert found.best.objective == 0.9


def test_one_unstable_seed_of_two_is_not_stable_enough() -> None:
    rows = cell_rows({0.01: ["stable", "exploded"], 0.1: ["exploded", "exploded"]})
    found = recommend(rows)
    assert (found.finding, found.best) == ("none_stable", None)
    assert found.nearest is not None
    assert found.nearest.lr == 0.01


@pytest.mark.parametrize(
    ("rows", "finding", "words"),
    [
        ([], "nothing_ended", "no trial has ended"),
        (cell_rows({0.1: ["failed"]}), "nothing_ended", "no trial has ended"),
        (cell_rows({0.1: ["exploded"], 1.0: ["exploded"]}), "none_stable", "none of 2 settings"),
        (cell_rows({0.1: ["stable"]}), "margin_unknown", "one learning rate only"),
        (cell_rows({0.1: ["stable"], 0.15: ["exploded"]}), "margin_too_small", "smaller learning rates"),
        (cell_rows({0.1: ["stable"], 1.0: ["stable"]}, loss=None), "no_objective", "finite eval_loss"),
    ],
)
def test_no_recommendation_says_why(rows: list[TrialRow], finding: str, words: str) -> None:
    found = recommend(rows)
    assert found.finding == finding
    assert found.best is None
    assert words in found.text()


def test_an_island_above_the_first_crossing_is_never_recommended() -> None:
    settings: dict[float, tuple[OutcomeName, float | None]] = {
        0.01: ("stable", 0.9), 0.1: ("stable", 0.8), 1.0: ("exploded", None), 10.0: ("stable", 0.1),
    }  # fmt: skip
    found = recommend(rows_of(settings))
    assert found.best is not None
    assert found.best.lr == 0.01


def test_the_sentences_carry_the_numbers() -> None:
    found = recommend(grid_rows())
    best = found.best
    assert best is not None
    assert f"lr={best.lr:.3g}" in found.text()
    assert "stable in 2 of 2 seeds" in found.text()
    assert f"Of {found.num_settings} settings tried, {found.num_with_margin} had" in found.text()

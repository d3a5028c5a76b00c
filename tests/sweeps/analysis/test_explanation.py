"""Explaining a trial: the rule that fired, the distance to the edge, and what was stable instead."""

import json

import pytest

from sweeps.analysis import Explanation, analyze, explain
from sweeps.ledger.base import TrialRow
from tests.sweeps.analysis.odd_sweeps import ODD_SWEEPS, odd_analysis
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, grid_rows, grid_spec
from trainers.record import Evidence


def explained(rows: list[TrialRow], number: int) -> Explanation:
    return explain(analyze(grid_spec(), rows), rows[number])


def grid_trial(clip: str, init: str, lr: float) -> TrialRow:
    return next(
        row for row in grid_rows()
        if (row.axes["clip"]["kind"], row.axes["init"]["kind"], row.axes["optimizer.lr"]) == (clip, init, lr)
    )  # fmt: skip


BROKEN = cell_rows({0.1: ["stable"] * 2, 0.2: ["stable"] * 2, 0.4: ["stable"] * 2, 1.0: ["exploded"] * 2})


def test_an_explosion_is_told_with_step_layer_and_phase() -> None:
    found = explained(BROKEN, 6)
    assert found.facts[0] == (
        "Trial 6 (lr=1 #0) ended exploded: nonfinite_gradient at step 17 of 300 in layer hidden.0 in the "
        "backward pass."
    )
    assert found.facts[1] == "All 2 seeds of this setting ended so."


def test_the_largest_stable_lr_stands_beside_the_one_used() -> None:
    found = explained(BROKEN, 6)
    assert found.margin == pytest.approx(0.4)
    assert "The largest stable lr here is 0.4 (edge at 0." in found.facts[2]
    assert "; you used 1, 2.5× above (300 steps, 2 seeds per learning rate)." in found.facts[2]


def test_a_smaller_lr_of_the_same_cell_helps_and_keeps_its_distance_from_the_edge() -> None:
    (help_,) = [item for item in explained(BROKEN, 6).helps if item.kind == "smaller_lr"]
    assert (help_.setting.lr, help_.setting.margin) == (0.1, 4.0)
    assert help_.change == "lr=0.1 instead of 1"


def test_a_stalled_trial_is_told_to_take_a_larger_lr() -> None:
    rows = cell_rows({1e-4: ["stalled"] * 2, 0.1: ["stable"] * 2, 0.4: ["stable"] * 2, 1.0: ["diverged"] * 2})
    assert [item.kind for item in explained(rows, 0).helps][:1] == ["larger_lr"]


def test_one_changed_axis_helps_where_it_is_stable_at_the_same_lr() -> None:
    row = grid_trial("none", "kaiming_normal", 1.0)
    found = explain(grid_analysis(), row)
    changes = [item for item in found.helps if item.kind == "other_setting"]
    assert {item.change for item in changes} == {
        "clip=global_norm:0.1 instead of none, at the same lr",
        "clip=global_norm:1 instead of none, at the same lr",
        "clip=value:0.1 instead of none, at the same lr",
    }
    assert all(item.setting.num_stable == item.setting.num_trials for item in changes)
    objectives = [item.setting.objective for item in changes]
    assert objectives == sorted(objectives, key=lambda value: value or 0.0)


def test_where_another_cell_skipped_the_lr_its_next_larger_one_counts() -> None:
    placed = {
        "none": {0.1: "stable", 1.0: "exploded"},
        "norm": {0.1: "stable", 3.0: "stable", 9.0: "exploded"},
    }
    rows: list[TrialRow] = []
    for clip, outcomes in placed.items():
        for lr, outcome in outcomes.items():
            start = cell_rows({lr: [outcome]}, axes={"optimizer.lr": lr, "clip": clip})  # type: ignore[list-item]
            rows += [
                TrialRow(**(vars(row) | {"number": len(rows), "config_number": len(rows)})) for row in start
            ]
    (change,) = [item for item in explained(rows, 1).helps if item.kind == "other_setting"]
    assert change.change == "clip=norm instead of none, even at lr=3"


def test_a_stable_trial_needs_no_help_and_learns_how_far_the_edge_is() -> None:
    found = explained(BROKEN, 0)
    assert found.helps == ()
    assert "was stable over 300 steps, eval_loss 0.5" in found.facts[0]
    assert "you used 0.1, 4× below" in found.text()


def test_seeds_that_differ_are_counted() -> None:
    rows = cell_rows({0.1: ["stable"] * 3, 1.0: ["exploded", "stable", "diverged"]})
    assert "The 3 seeds of this setting differ: 1 stable, 1 diverged, 1 exploded" in explained(rows, 3).text()


def test_a_failed_trial_says_nothing_about_its_setting() -> None:
    rows = cell_rows({0.1: ["stable"], 1.0: ["failed"]}, error="Traceback\nOSError: no space left")
    (fact,) = explained(rows, 1).facts
    assert "failed: OSError: no space left." in fact
    assert "left out of every number" in fact


def test_where_nothing_was_stable_that_is_said() -> None:
    rows = cell_rows({0.1: ["diverged"], 1.0: ["exploded"]})
    found = explained(rows, 1)
    assert found.helps == ()
    assert found.margin is None
    assert "No learning rate tried with these settings was stable" in found.text()
    assert "nothing is known to help" in found.text()


def test_a_rule_is_told_with_its_number_and_limit() -> None:
    evidence = Evidence("ends above its start", 270, 3.1, 2.42)
    rows = cell_rows({0.1: ["stable"], 1.0: ["diverged"]}, evidence=evidence)
    assert (
        "ends above its start at step 270 of 300 (final loss 3.1, limit 2.42)." in explained(rows, 1).text()
    )


def test_a_trial_that_was_not_analysed_is_refused() -> None:
    with pytest.raises(KeyError, match="trial 999"):
        explain(grid_analysis(), TrialRow(**(vars(BROKEN[0]) | {"number": 999})))


@pytest.mark.parametrize("name", ODD_SWEEPS)
def test_every_trial_of_an_odd_sweep_has_a_strict_explanation(name: str) -> None:
    _, rows = ODD_SWEEPS[name]
    for row in rows:
        found = explain(odd_analysis(name), row).to_json()
        assert json.loads(json.dumps(found, allow_nan=False)) == found
        assert "None" not in found["text"]
        assert "nan" not in found["text"].split()

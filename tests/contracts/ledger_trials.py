"""Trials: results stored once, counted, and read back in pages."""

import dataclasses

import numpy as np
import pytest

from sweeps.errors import CursorError, LeaseLostError, NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import EndedTrial
from sweeps.ledger.interface import TrialSort
from tests.contracts.ledger_rows import ended_trial, pack_row, running_sweep
from trainers.record import Evidence, Verdict


class TrialsContract:
    def test_a_trial_reads_back_as_it_was_given(self, ledger: Ledger) -> None:
        sweep, given = running_sweep(ledger), ended_trial(3)
        ledger.append_trials(sweep.id, "runner-a", [given])
        row = ledger.get_trial(sweep.id, 3)
        assert (row.sweep_id, row.number, row.config_number, row.repeat) == (sweep.id, 3, 1, 1)
        assert (row.config, row.axes, row.objective, row.pack) == (given.config, given.axes, 0.5, 0)
        assert row.record.verdict == given.record.verdict
        assert row.record.final == given.record.final
        assert row.mlflow_run_id is None

    def test_curves_read_back_exactly(self, ledger: Ledger) -> None:
        sweep, given = running_sweep(ledger), ended_trial(3)
        ledger.append_trials(sweep.id, "runner-a", [given])
        stored, curves = ledger.get_trial(sweep.id, 3).record.curves, given.record.curves
        assert stored.layer_names == curves.layer_names
        np.testing.assert_array_equal(stored.steps, curves.steps)
        for name, values in curves.scalars.items():
            np.testing.assert_array_equal(stored.scalars[name], values)
        for name, values in curves.layers.items():
            np.testing.assert_array_equal(stored.layers[name], values)

    def test_no_number_that_is_not_finite_is_stored(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        verdict = Verdict("exploded", Evidence("loss", 7, float("inf"), float("nan"), "fc1", "forward"))
        final: dict[str, float | None] = {
            "train_loss": float("nan"),
            "eval_loss": float("-inf"),
            "nonfinite": float(np.float32(1)),
        }
        trial = ended_trial(0, "exploded", objective=float("nan"))
        record = dataclasses.replace(trial.record, verdict=verdict, final=final, error="nul \0 byte")
        ledger.append_trials(sweep.id, "runner-a", [dataclasses.replace(trial, record=record)])
        row = ledger.get_trial(sweep.id, 0)
        assert row.objective is None
        assert row.record.final == {"train_loss": None, "eval_loss": None, "nonfinite": 1.0}
        assert row.record.verdict.evidence == Evidence("loss", 7, None, None, "fc1", "forward")
        assert row.record.error == "nul \N{REPLACEMENT CHARACTER} byte"

    def test_appending_a_trial_again_leaves_it_as_it_was(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), ended_trial(1)]) == 2
        again = [ended_trial(1, "exploded", None), ended_trial(2, "spiky"), ended_trial(2, "stalled")]
        assert ledger.append_trials(sweep.id, "runner-a", again) == 1
        assert ledger.get_trial(sweep.id, 1).record.verdict.outcome == "stable"
        after = ledger.get_sweep(sweep.id)
        assert (after.num_ended, after.outcomes) == (3, {"stable": 2, "spiky": 1})
        assert ledger.ended_numbers(sweep.id) == {0, 1, 2}

    def test_appending_nothing_is_allowed(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.append_trials(sweep.id, "runner-a", []) == 0
        assert [event.type for event in ledger.events(sweep.id)] == ["sweep.queued", "sweep.started"]

    def test_two_sweeps_number_their_trials_apart(self, ledger: Ledger) -> None:
        first, second = running_sweep(ledger, "runner-a"), running_sweep(ledger, "runner-b")
        ledger.append_trials(first.id, "runner-a", [ended_trial(0)])
        ledger.append_trials(second.id, "runner-b", [ended_trial(0, "exploded")])
        assert ledger.get_trial(first.id, 0).record.verdict.outcome == "stable"
        assert ledger.get_sweep(second.id).outcomes == {"exploded": 1}

    def test_an_unknown_trial_is_named_in_the_error(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        with pytest.raises(NotFoundError, match="9"):
            ledger.get_trial(sweep.id, 9)

    def test_a_pack_keeps_its_first_record(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        given = pack_row(sweep.id)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)], given)
        slower = dataclasses.replace(given, record=dataclasses.replace(given.record, train_seconds=99.0))
        ledger.append_trials(sweep.id, "runner-a", [], slower)
        assert ledger.packs(sweep.id) == [given]

    @pytest.mark.parametrize("sort", ["number", "-number", "objective", "-objective"])
    def test_pages_in_any_order_list_each_trial_once(self, ledger: Ledger, sort: TrialSort) -> None:
        sweep = running_sweep(ledger)
        objectives = [0.5, None, 0.25, 0.5, None, 2.0, 1e-9, 0.5]
        trials = [ended_trial(number, objective=value) for number, value in enumerate(objectives)]
        ledger.append_trials(sweep.id, "runner-a", trials)
        assert _numbers(ledger, sweep.id, sort) == _expected(trials, sort)

    def test_a_listing_filters_by_outcome(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        trials = [ended_trial(number, "exploded" if number % 3 else "stable") for number in range(9)]
        ledger.append_trials(sweep.id, "runner-a", trials)
        page = ledger.list_trials(sweep.id, outcome="exploded", limit=4)
        rest = ledger.list_trials(sweep.id, outcome="exploded", limit=4, cursor=page.next_cursor)
        assert [row.number for row in (*page.items, *rest.items)] == [1, 2, 4, 5, 7, 8]

    def test_a_cursor_of_another_order_is_refused(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), ended_trial(1)])
        cursor = ledger.list_trials(sweep.id, limit=1).next_cursor
        with pytest.raises(CursorError):
            ledger.list_trials(sweep.id, sort="objective", cursor=cursor)

    def test_a_listing_reads_curves_only_when_asked(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0)])
        (bare,) = ledger.list_trials(sweep.id).items
        (full,) = ledger.list_trials(sweep.id, with_curves=True).items
        assert bare.record.curves.steps.size == 0
        assert full.record.curves.steps.size == 4
        assert [row.record.curves.steps.size for row in ledger.all_trials(sweep.id)] == [0]

    def test_a_thousand_trials_go_in_and_come_out(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger, num_trials=1000)
        trials = [ended_trial(number) for number in range(1000)]
        assert ledger.append_trials(sweep.id, "runner-a", trials) == 1000
        assert [row.number for row in ledger.all_trials(sweep.id)] == list(range(1000))
        assert ledger.get_sweep(sweep.id).num_ended == 1000

    def test_a_sweep_grows_by_what_its_runner_plans(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger, num_trials=4, max_trials=20)
        assert (sweep.num_trials, sweep.max_trials) == (4, 20)
        ledger.plan_trials(sweep.id, "runner-a", 7, 20)
        ledger.plan_trials(sweep.id, "runner-a", 7, 20)
        ledger.plan_trials(sweep.id, "runner-a", 9, None)
        grown = ledger.get_sweep(sweep.id)
        assert (grown.num_trials, grown.max_trials) == (9, None)
        told = [event.data for event in ledger.events(sweep.id) if event.type == "trials.planned"]
        assert told == [{"num_trials": 7, "max_trials": 20}, {"num_trials": 9, "max_trials": None}]

    def test_a_runner_without_the_lease_plans_nothing(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        with pytest.raises(LeaseLostError):
            ledger.plan_trials(sweep.id, "runner-b", 7, None)
        assert ledger.get_sweep(sweep.id).num_trials == sweep.num_trials

    def test_a_standing_has_every_outcome_and_the_event_that_tells_of_the_last(self, ledger: Ledger) -> None:
        sweep = running_sweep(ledger)
        assert ledger.standing(sweep.id).outcomes == {}
        ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), ended_trial(2, "exploded")])
        standing = ledger.standing(sweep.id)
        assert standing.outcomes == {0: "stable", 2: "exploded"}
        assert standing.event_id == ledger.events(sweep.id)[-1].id
        with pytest.raises(NotFoundError):
            ledger.standing("absent")


def _numbers(ledger: Ledger, sweep_id: str, sort: TrialSort) -> list[int]:
    numbers: list[int] = []
    cursor = None
    while True:
        page = ledger.list_trials(sweep_id, sort=sort, cursor=cursor, limit=3)
        numbers += [row.number for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return numbers


def _expected(trials: list[EndedTrial], sort: TrialSort) -> list[int]:
    sign = -1 if sort.startswith("-") else 1
    if sort in {"number", "-number"}:
        return sorted((trial.number for trial in trials), key=lambda number: sign * number)
    found = sorted((sign * trial.objective, trial.number) for trial in trials if trial.objective is not None)
    return [number for _, number in found] + [trial.number for trial in trials if trial.objective is None]

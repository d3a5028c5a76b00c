"""The front of a search with two objectives."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.analysis import analyze
from sweeps.analysis.trade_off import Compromise, TradeOff, find_trade_off, unbeaten
from sweeps.ledger.base import TrialRow
from sweeps.report import render_html, render_markdown
from sweeps.report.terminal import render_findings, render_trade_off
from sweeps.spec import SweepSpec
from tests.sweeps.analysis.trials import make_row
from tests.sweeps.report.sweeps_rows import sweep_of
from trainers.record import OutcomeName

LOSS = {0.1: 0.9, 1.0: 0.5, 10.0: 0.3}
BROKEN = (100.0, "exploded", None)


def spec_of(kind: str = "tpe", **search: Any) -> SweepSpec:
    document = {
        "name": "two",
        "axes": {"optimizer.lr": {"log_uniform": [0.01, 100]}},
        "search": {"kind": kind, "trials": 8, "objectives": ["objective", "clearance"]} | search,
    }
    return SweepSpec.model_validate(document)


def rows_of(*entries: tuple[float, OutcomeName, float | None], **options: Any) -> list[TrialRow]:
    return [
        make_row(number, lr, outcome, loss=loss, **options)
        for number, (lr, outcome, loss) in enumerate(entries)
    ]


def front_of(*entries: tuple[float, OutcomeName, float | None], **options: Any) -> TradeOff:
    found = find_trade_off(spec_of(), rows_of(*entries, **options))
    assert found is not None
    return found


def test_what_is_better_but_nearer_to_the_cliff_and_what_is_worse_but_further_are_both_on_the_front() -> None:
    found = front_of(*[(lr, "stable", loss) for lr, loss in LOSS.items()], BROKEN)
    assert [entry.axes["optimizer.lr"] for entry in found.front] == [10.0, 1.0, 0.1]
    assert [entry.clearance for entry in found.front] == pytest.approx([0.25, 0.5, 0.75])
    assert found.text() == (
        "3 settings of 3 that no other beats in eval_loss and clearance: from eval_loss 0.3 at clearance "
        "0.25 to eval_loss 0.9 at clearance 0.75."
    )


def test_what_another_one_beats_in_both_is_not_on_the_front() -> None:
    found = front_of((1.0, "stable", 0.5), (10.0, "stable", 0.6), BROKEN)
    assert [entry.axes["optimizer.lr"] for entry in found.front] == [1.0]
    assert found.num_compared == 2


def test_unstable_and_half_trained_settings_and_numbers_that_are_not_finite_are_never_on_the_front() -> None:
    assert front_of((1.0, "stable", None), (2.0, "spiky", 0.1), (3.0, "failed", None), BROKEN).front == ()
    assert front_of((1.0, "stable", 0.5), steps_done=10).front == ()
    assert front_of().text().startswith("No setting was stable")


def test_seeds_are_averaged_and_half_of_them_must_be_stable() -> None:
    rows = [
        make_row(repeat, 1.0, outcome, loss=loss, repeat=repeat, config_number=0)
        for repeat, (outcome, loss) in enumerate([("stable", 0.2), ("stable", 0.4), ("failed", None)])
    ]
    found = find_trade_off(spec_of(), rows)
    assert found is not None
    assert found.front[0].objective == pytest.approx(0.3)
    assert (found.front[0].trials, found.front[0].clearance) == ((0, 1), 1.0)


def test_a_search_for_the_objective_alone_has_no_front() -> None:
    assert find_trade_off(spec_of(objectives=["objective"]), rows_of((1.0, "stable", 0.5))) is None
    assert find_trade_off(SweepSpec(name="grid"), rows_of((1.0, "stable", 0.5))) is None


def test_the_front_is_in_the_json_of_the_analysis_and_a_finding_of_the_report() -> None:
    analysis = analyze(spec_of(), rows_of((1.0, "stable", 0.5), BROKEN))
    assert "1 setting of 1 that no other beats" in render_findings(analysis, width=200)
    plain = analysis.to_json()["trade_off"]
    assert json.loads(json.dumps(plain)) == plain
    assert plain["front"][0]["trials"] == [0]
    assert plain["text"].startswith("1 setting of 1")


def test_every_form_of_the_report_lists_the_front_and_the_page_draws_it() -> None:
    rows = rows_of(*[(lr, "stable", loss) for lr, loss in LOSS.items()], (0.2, "stable", 1.25), BROKEN)
    analysis = analyze(spec_of(), rows)
    assert analysis.trade_off is not None
    assert [objective for objective, _ in analysis.trade_off.beaten] == [1.25]
    assert render_trade_off(analysis).splitlines() == [
        "setting  eval_loss  clearance", "lr=10    0.3        0.25", "lr=1     0.5        0.5",
        "lr=0.1   0.9        0.75",
    ]  # fmt: skip
    assert "| lr=10 | 0.3 | 0.25 |" in render_markdown(sweep_of(spec_of(), rows), analysis)
    page = render_html(sweep_of(spec_of(), rows), analysis, trials=rows)
    (section,) = [part for part in page.split("<section") if 'id="trade-off"' in part]
    assert section.count("<circle") == 4
    assert '<th scope="row">lr=0.1</th><td class="num">0.9</td>' in section


def test_a_search_for_the_objective_alone_shows_no_front() -> None:
    assert render_trade_off(analyze(SweepSpec(name="grid"), rows_of((1.0, "stable", 0.5)))) == ""


POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25)


@given(POINTS, st.sampled_from(["min", "max"]))
def test_the_front_is_what_nothing_dominates_by_definition(points: list[tuple[int, int]], mode: Any) -> None:
    entries = [
        Compromise("", {}, float(objective), clearance / 6, (number,))
        for number, (objective, clearance) in enumerate(points)
    ]

    def gains(one: Compromise, other: Compromise) -> tuple[float, float]:
        gain = other.objective - one.objective
        return (gain if mode == "min" else -gain), one.clearance - other.clearance

    expected = [
        entry
        for entry in entries
        if not any(min(gains(other, entry)) >= 0 and max(gains(other, entry)) > 0 for other in entries)
    ]
    found = unbeaten(entries, mode)
    assert sorted(entry.trials for entry in found) == [entry.trials for entry in expected]
    assert all(math.isfinite(entry.objective) for entry in found)

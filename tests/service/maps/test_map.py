"""The map over HTTP: every trial has its square, its outcome when it has one, and rows their edges."""

from dataclasses import replace
from typing import Any

import httpx

from sweeps.analysis import analyze
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from sweeps.report.palette import PALETTE
from sweeps.spec import parse_spec
from tests.service import samples
from trainers.record import Evidence, Verdict


def get_map(api: httpx.Client, sweep: Sweep) -> dict[str, Any]:
    answer = api.get(f"/v1/sweeps/{sweep.id}/map")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_queued_sweep_has_all_its_squares_and_no_outcome(api: httpx.Client, sweep: Sweep) -> None:
    found = get_map(api, sweep)
    assert found["outcomes"] == "." * 48
    assert (found["x"]["label"], found["y"]["label"]) == ("lr", "clip")
    assert sorted(set(found["places"])) == list(range(24))
    assert [row["edge"] for row in found["rows"]] == [None] * 4


def test_outcomes_are_letters_by_trial_number(api: httpx.Client, ledger: Ledger, sweep: Sweep) -> None:
    samples.train(ledger, samples.claim(ledger), range(0, 48, 3))
    letters = get_map(api, sweep)["outcomes"]
    for trial in samples.planned(sweep):
        expected = "." if trial.number % 3 else PALETTE[samples.outcome_of(trial)].letter
        assert letters[trial.number] == expected


def test_events_behind_the_map_tell_of_what_it_lacks(api: httpx.Client, ledger: Ledger, sweep: Sweep) -> None:
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed, range(10))
    found = get_map(api, sweep)
    samples.train(ledger, claimed, range(20))
    (event,) = ledger.events(sweep.id, found["after"])
    assert [trial["number"] for trial in event.data["trials"]] == list(range(10, 20))


def test_the_edge_of_a_row_of_one_cell_is_that_of_the_analysis(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger))
    found = get_map(api, sweep)
    analysis = analyze(parse_spec(sweep.spec), ledger.all_trials(sweep.id))
    edges = [row.edge for panel in analysis.maps[0].panels for row in panel.rows]
    assert [row["edge"]["text"] for row in found["rows"]] == [edge.text() for edge in edges if edge]
    first = found["rows"][0]["edge"]
    assert (first["lower"], first["upper"], first["lower_column"], first["upper_column"]) == (1, 10, 3, 4)
    assert first["interval_lower"] < first["fitted"] < first["interval_upper"]


def test_a_trial_that_no_plan_foresaw_gets_a_square_when_it_ends(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed, range(4))
    found = get_map(api, sweep)
    ledger.append_trials(sweep.id, samples.RUNNER, [samples.unplanned(sweep, number=60, lr=3.0)])
    later = get_map(api, sweep)
    assert len(later["places"]) == 61
    assert later["x"]["levels"] == ["0.001", "0.01", "0.1", "1", "3", "10", "100"]
    assert later["outcomes"][60] == PALETTE["stable"].letter
    assert later["after"] > found["after"]


ALONG = """\
name: along-another-axis
workload:
  data: {kind: digits}
  model: {kind: mlp, hidden: [8]}
base: {steps: 20, optimizer: {kind: sgd, lr: 0.1}}
axes:
  batch_size: {int_uniform: [16, 128]}
  init: {values: [{kind: kaiming_normal}, {kind: normal, std: 1.0}]}
search: {kind: edge, axis: batch_size, stable: above}
"""


def test_an_edge_search_over_another_axis_has_that_axis_across_and_its_edges(
    api: httpx.Client, ledger: Ledger
) -> None:
    sweep = ledger.get_sweep(api.post("/v1/sweeps", content=ALONG, headers=samples.YAML).json()["id"])
    assert get_map(api, sweep)["has_edges"]
    samples.claim(ledger)
    ended = [samples.ended(trial) for trial in samples.planned(sweep)]
    verdicts = [
        Verdict("stable" if t.axes["batch_size"] > 60 else "exploded", Evidence("rule")) for t in ended
    ]
    ledger.append_trials(
        sweep.id,
        samples.RUNNER,
        [replace(t, record=replace(t.record, verdict=v)) for t, v in zip(ended, verdicts, strict=True)],
    )
    found = get_map(api, sweep)
    assert found["x"]["label"] == "batch_size"
    levels = found["x"]["levels"]
    analysis = analyze(parse_spec(sweep.spec), ledger.all_trials(sweep.id))
    assert analysis.axis_edges is not None
    for row, edge in zip(found["rows"], analysis.axis_edges.edges, strict=True):
        assert (row["edge"]["text"], row["edge"]["bracket"]) == (edge.text(), edge.bracket)
        lower, upper = (levels[row["edge"][f"{end}_column"]] for end in ("lower", "upper"))
        assert (float(lower), float(upper)) == (row["edge"]["lower"], row["edge"]["upper"])
        assert (row["edge"]["upper"], row["edge"]["lower"]) == (edge.last_stable, edge.first_unstable)
        assert row["edge"]["lower"] <= 60 < row["edge"]["upper"]


def test_the_map_of_a_sweep_that_is_not_there_is_404(api: httpx.Client) -> None:
    assert api.get("/v1/sweeps/absent/map").status_code == 404

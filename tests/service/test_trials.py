"""Ended trials over HTTP: filters, order, pages, curves; strict JSON whatever was measured."""

import json
from typing import Any

import httpx
import pytest

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service import samples


@pytest.fixture
def trained(ledger: Ledger, sweep: Sweep) -> Sweep:
    samples.train(ledger, samples.claim(ledger))
    return sweep


def strict(answer: httpx.Response) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    assert answer.status_code == 200, answer.text
    return json.loads(answer.text, parse_constant=refuse)


def trials(api: httpx.Client, sweep: Sweep, **query: str | int) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = strict(api.get(f"/v1/sweeps/{sweep.id}/trials", params=query))["items"]
    return items


def test_trials_come_by_number_with_outcome_evidence_and_setting(api: httpx.Client, trained: Sweep) -> None:
    found = trials(api, trained)
    assert [trial["number"] for trial in found] == list(range(48))
    assert found[1]["setting"] == "lr=0.001 clip=none init=kaiming_normal #1"
    assert found[0]["evidence"]["layer"] == "hidden.0"
    assert "config" not in found[0]


def test_an_infinite_evidence_and_a_missing_objective_are_null(api: httpx.Client, trained: Sweep) -> None:
    exploded = trials(api, trained, outcome="exploded")
    assert exploded
    assert {trial["outcome"] for trial in exploded} == {"exploded"}
    assert {trial["evidence"]["value"] for trial in exploded} == {None}
    assert {trial["objective"] for trial in exploded} == {None}


def test_sorting_by_objective_puts_the_best_first_and_the_missing_last(
    api: httpx.Client, trained: Sweep
) -> None:
    objectives = [trial["objective"] for trial in trials(api, trained, sort="objective")]
    finite = [value for value in objectives if value is not None]
    assert finite == sorted(finite)
    assert objectives[len(finite) :] == [None] * (len(objectives) - len(finite))


@pytest.mark.parametrize("sort", ["number", "-number", "objective", "-objective"])
def test_pages_of_trials_show_each_once_in_any_order(api: httpx.Client, trained: Sweep, sort: str) -> None:
    numbers: list[int] = []
    query: dict[str, str | int] = {"limit": 7, "sort": sort}
    while True:
        page = strict(api.get(f"/v1/sweeps/{trained.id}/trials", params=query))
        numbers += [trial["number"] for trial in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(numbers) == list(range(48))
    assert numbers == [trial["number"] for trial in trials(api, trained, sort=sort)]


def test_one_trial_has_its_whole_config(api: httpx.Client, trained: Sweep) -> None:
    trial = strict(api.get(f"/v1/sweeps/{trained.id}/trials/5"))
    assert trial["config"]["optimizer"]["lr"] == trial["axes"]["optimizer.lr"]
    assert trial["config"]["seed"] > 0


def test_curves_are_lists_with_null_for_not_a_number(api: httpx.Client, trained: Sweep) -> None:
    exploded = trials(api, trained, outcome="exploded")[0]
    curves = strict(api.get(exploded["links"]["curves"]))
    assert curves["steps"] == [5, 10, 20]
    assert curves["scalars"]["train_loss"] == [2.3, 1.0, None]
    assert curves["scalars"]["grad_norm"] == [1.0, 2.0, None]
    assert curves["layers"]["grad_norm"] == [[1.0, 1.0]] * 3
    assert curves["layer_names"] == ["hidden.0", "output"]


def test_a_trial_that_has_not_ended_is_404(api: httpx.Client, sweep: Sweep) -> None:
    answer = api.get(f"/v1/sweeps/{sweep.id}/trials/0")
    assert answer.status_code == 404
    assert "trial 0" in answer.json()["detail"]


def test_the_analysis_of_a_running_sweep_is_of_what_has_ended(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.train(ledger, samples.claim(ledger), range(10))
    analysis = strict(api.get(f"/v1/sweeps/{sweep.id}/analysis"))
    assert analysis["totals"]["num_ended"] == 10
    assert analysis["totals"]["num_planned"] == 48


def test_the_summary_is_plain_text_no_wider_than_asked_for(api: httpx.Client, trained: Sweep) -> None:
    answer = api.get(f"/v1/sweeps/{trained.id}/summary", params={"width": 80})
    assert answer.headers["content-type"].startswith("text/plain")
    assert "\x1b" not in answer.text
    assert max(len(line) for line in answer.text.splitlines()) <= 80
    assert "global_norm:1" in answer.text
    assert "\x1b" in api.get(f"/v1/sweeps/{trained.id}/summary", params={"color": True}).text


def test_the_report_is_404_until_it_is_ready_and_then_a_page_on_its_own(
    api: httpx.Client, ledger: Ledger, trained: Sweep
) -> None:
    before = api.get(f"/v1/sweeps/{trained.id}/report")
    assert before.status_code == 404
    assert before.json()["type"] == "urn:gradsweep:report-not-ready"
    samples.finish(ledger, trained)
    after = api.get(f"/v1/sweeps/{trained.id}/report")
    assert after.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in after.headers["content-security-policy"]

"""Sweeps over HTTP: lists, filters, and the ways to change one."""

import httpx
import pytest

from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service import samples
from tests.service.samples import TINY, YAML


def submit(api: httpx.Client, name: str, tags: str = "{}") -> str:
    text = TINY.replace("name: tiny", f"name: {name}").replace("{team: alpha}", tags)
    return str(api.post("/v1/sweeps", content=text, headers=YAML).json()["id"])


def ids(api: httpx.Client, **query: str) -> list[str]:
    return [item["id"] for item in api.get("/v1/sweeps", params=query).json()["items"]]


def test_pages_show_every_sweep_once_the_newest_first(api: httpx.Client) -> None:
    made = [submit(api, f"sweep-{i}") for i in range(5)]
    seen, cursor = [], None
    while True:
        page = api.get("/v1/sweeps", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 2
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_filters_choose_by_name_tag_and_status(api: httpx.Client) -> None:
    one, two = submit(api, "one", "{team: alpha}"), submit(api, "two", "{team: beta}")
    assert ids(api, name="one") == [one]
    assert ids(api, tag="team:beta") == [two]
    assert ids(api, tag="team") == [two, one]
    api.post(f"/v1/sweeps/{one}/cancel")
    assert ids(api, status="cancelled") == [one]
    assert ids(api, status="running") == []


def test_a_list_leaves_specs_out_and_a_sweep_has_its_own(api: httpx.Client, sweep: Sweep) -> None:
    assert "spec" not in api.get("/v1/sweeps").json()["items"][0]
    assert api.get(f"/v1/sweeps/{sweep.id}").json()["spec"]["name"] == "tiny"


def test_every_link_of_a_sweep_leads_somewhere(api: httpx.Client, ledger: Ledger, sweep: Sweep) -> None:
    samples.train(ledger, samples.claim(ledger))
    samples.finish(ledger, sweep)
    links = api.get(f"/v1/sweeps/{sweep.id}").json()["links"]
    assert links.pop("mlflow") is None
    assert {name: api.get(link).status_code for name, link in links.items()} == dict.fromkeys(links, 200)


def test_cancelling_a_queued_sweep_ends_it(api: httpx.Client, sweep: Sweep) -> None:
    answer = api.post(f"/v1/sweeps/{sweep.id}/cancel")
    assert answer.status_code == 202
    assert answer.json()["status"] == "cancelled"


def test_cancelling_a_running_sweep_asks_its_runner(api: httpx.Client, ledger: Ledger, sweep: Sweep) -> None:
    samples.claim(ledger)
    answer = api.post(f"/v1/sweeps/{sweep.id}/cancel").json()
    assert (answer["status"], answer["cancel_requested"]) == ("running", True)
    assert ledger.heartbeat(sweep.id, samples.RUNNER, 60).cancel


def test_a_completed_sweep_cannot_be_cancelled_paused_or_resumed(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.claim(ledger)
    samples.finish(ledger, sweep)
    for action in ("cancel", "pause", "resume"):
        assert api.post(f"/v1/sweeps/{sweep.id}/{action}").status_code == 409


def test_a_paused_sweep_can_be_resumed(api: httpx.Client, sweep: Sweep) -> None:
    assert api.post(f"/v1/sweeps/{sweep.id}/pause").json()["status"] == "paused"
    assert api.post(f"/v1/sweeps/{sweep.id}/resume").json()["status"] == "queued"


def test_a_clone_is_a_sweep_of_its_own_with_the_same_spec(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    samples.claim(ledger)
    samples.finish(ledger, sweep)
    answer = api.post(f"/v1/sweeps/{sweep.id}/clone")
    assert answer.status_code == 202
    made = answer.json()
    assert answer.headers["location"] == f"/v1/sweeps/{made['id']}"
    assert made["id"] != sweep.id
    assert (made["status"], made["spec"], made["num_trials"]) == ("queued", sweep.spec, 48)


def test_a_clone_takes_other_parts_and_the_others_stay(api: httpx.Client, sweep: Sweep) -> None:
    made = api.post(f"/v1/sweeps/{sweep.id}/clone", json={"seeds": 3, "name": "more seeds"}).json()
    assert (made["num_trials"], made["name"]) == (72, "more seeds")
    assert made["spec"]["axes"] == sweep.spec["axes"]


def test_a_clone_with_parts_that_cannot_be_used_is_refused_and_nothing_is_stored(
    api: httpx.Client, ledger: Ledger, sweep: Sweep
) -> None:
    for body in ({"seeds": 0}, {"sedes": 3}, {"axes": {"optimizer.lr": {"values": [-1]}}}):
        answer = api.post(f"/v1/sweeps/{sweep.id}/clone", json=body)
        assert answer.status_code == 422
        assert answer.json()["problems"]
    assert api.post(f"/v1/sweeps/{sweep.id}/clone", json=[1]).status_code == 422
    wrong_type = api.post(
        f"/v1/sweeps/{sweep.id}/clone", content=b"x", headers={"Content-Type": "text/plain"}
    )
    assert wrong_type.status_code == 415
    assert len(ledger.list_sweeps().items) == 1


def test_a_clone_asked_for_twice_under_one_key_is_one_sweep(api: httpx.Client, sweep: Sweep) -> None:
    path, headers = f"/v1/sweeps/{sweep.id}/clone", {"Idempotency-Key": "again"}
    ids = {api.post(path, headers=headers).json()["id"] for _ in range(2)}
    assert len(ids) == 1


RANDOM = """\
name: random
workload: {data: {kind: digits}, model: {kind: mlp, hidden: [16]}}
base: {steps: 20, optimizer: {kind: sgd}}
axes: {optimizer.lr: {log_uniform: [0.001, 100]}, clip: {values: [{kind: none}, {kind: normalize}]}}
search: {kind: random, trials: 10}
seeds: 2
"""


def test_a_random_search_is_extended_and_keeps_what_it_has(api: httpx.Client, ledger: Ledger) -> None:
    sweep_id = api.post("/v1/sweeps", content=RANDOM, headers=YAML).json()["id"]
    sweep = samples.claim(ledger)
    samples.train(ledger, sweep)
    before = [trial.config for trial in ledger.all_trials(sweep_id)]
    samples.finish(ledger, sweep)
    answer = api.post(f"/v1/sweeps/{sweep_id}/extend", json={"search": {"kind": "random", "trials": 15}})
    assert answer.status_code == 202, answer.text
    extended = answer.json()
    assert (extended["status"], extended["num_ended"], extended["num_trials"]) == ("queued", 20, 30)
    assert api.get(f"/v1/sweeps/{sweep_id}/report").status_code == 404
    again = samples.claim(ledger)
    samples.train(ledger, again)
    samples.finish(ledger, again)
    trials = ledger.all_trials(sweep_id)
    assert [trial.config for trial in trials[:20]] == before
    assert [trial.number for trial in trials] == list(range(30))


def test_a_value_added_to_the_first_axis_of_a_grid_extends_it(api: httpx.Client, ledger: Ledger) -> None:
    text = TINY.replace("log_grid: [0.001, 100, 6]", "values: [0.01, 0.1]")
    sweep_id = api.post("/v1/sweeps", content=text, headers=YAML).json()["id"]
    axes = api.get(f"/v1/sweeps/{sweep_id}").json()["spec"]["axes"]
    axes["optimizer.lr"]["values"].append(1.0)
    answer = api.post(f"/v1/sweeps/{sweep_id}/extend", json={"axes": axes})
    assert (answer.status_code, answer.json()["num_trials"]) == (202, 24)


@pytest.mark.parametrize("body", [{}, {"seeds": 3}, {"seeds": 1}, {"base": {"optimizer": {"kind": "adam"}}}])
def test_what_would_change_a_planned_trial_or_adds_nothing_is_no_extension(
    api: httpx.Client, sweep: Sweep, body: dict[str, object]
) -> None:
    answer = api.post(f"/v1/sweeps/{sweep.id}/extend", json=body)
    assert answer.status_code == 409
    assert api.get(f"/v1/sweeps/{sweep.id}").json()["num_trials"] == 48


def test_only_a_sweep_that_has_ended_can_be_deleted(api: httpx.Client, sweep: Sweep) -> None:
    assert api.delete(f"/v1/sweeps/{sweep.id}").status_code == 409
    api.post(f"/v1/sweeps/{sweep.id}/cancel")
    assert api.delete(f"/v1/sweeps/{sweep.id}").status_code == 204
    assert api.get(f"/v1/sweeps/{sweep.id}").status_code == 404


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "Größe × Rate", "a'b\"c"])
def test_names_survive_the_way_through_api_and_page(api: httpx.Client, name: str) -> None:
    body = {"name": name, "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp"}}}
    spec = body | {"base": {"optimizer": {"kind": "sgd", "lr": 0.1}}}
    made = api.post("/v1/sweeps", json=spec)
    assert made.json()["name"] == name
    for page in ("/", f"/sweeps/{made.json()['id']}"):
        assert "<script>alert" not in api.get(page).text

"""POST /v1/sweeps: what is accepted, and that everything else stores nothing."""

import json

import httpx
import pytest
import yaml

from sweeps.ledger import Ledger
from tests.service.samples import TINY, YAML

JSON = {"Content-Type": "application/json"}


def changed(old: str, new: str) -> str:
    assert old in TINY
    return TINY.replace(old, new)


def test_a_yaml_spec_is_queued_and_its_location_answers(api: httpx.Client) -> None:
    answer = api.post("/v1/sweeps", content=TINY, headers=YAML)
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["num_trials"], body["tags"]) == ("queued", 48, {"team": "alpha"})
    assert answer.headers["location"] == f"/v1/sweeps/{body['id']}"
    assert api.get(answer.headers["location"]).json() == body


def test_json_gives_the_same_sweep_as_yaml(api: httpx.Client) -> None:
    as_json = api.post("/v1/sweeps", content=json.dumps(yaml.safe_load(TINY)), headers=JSON)
    as_yaml = api.post("/v1/sweeps", content=TINY, headers=YAML)
    assert as_json.status_code == 201
    assert as_json.json()["spec"] == as_yaml.json()["spec"]


def test_a_preset_is_accepted_by_its_name(api: httpx.Client) -> None:
    name = api.get("/v1/presets").json()["items"][0]["name"]
    small = api.post("/v1/sweeps", json={"preset": name, "small": True})
    full = api.post("/v1/sweeps?dry_run=true", json={"preset": name})
    assert (small.status_code, full.status_code) == (201, 200)
    assert small.json()["num_trials"] <= full.json()["num_trials"]


def test_an_unknown_preset_names_the_nearest(api: httpx.Client, ledger: Ledger) -> None:
    name = api.get("/v1/presets").json()["items"][0]["name"]
    answer = api.post("/v1/sweeps", json={"preset": name[:-1] + "q"})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["nearest"] == name
    assert not ledger.list_sweeps().items


@pytest.mark.parametrize(
    "body", [{"preset": 3}, {"preset": "x", "smal": True}, {"preset": "x", "small": "yes"}]
)
def test_a_malformed_preset_request_is_refused(
    api: httpx.Client, ledger: Ledger, body: dict[str, object]
) -> None:
    answer = api.post("/v1/sweeps", json=body)
    assert answer.status_code == 422
    assert answer.json()["problems"]
    assert not ledger.list_sweeps().items


def test_a_dry_run_gives_the_plan_and_stores_nothing(api: httpx.Client, ledger: Ledger) -> None:
    answer = api.post("/v1/sweeps?dry_run=true", content=TINY, headers=YAML)
    assert answer.status_code == 200
    plan = answer.json()
    assert (plan["num_trials"], plan["num_configurations"], plan["num_cells"]) == (48, 24, 4)
    assert plan["estimated_seconds"] > 0
    assert not ledger.list_sweeps().items


@pytest.mark.parametrize("query", ["dryrun=true", "dry_run=maybe", "dry-run=1"])
def test_a_misspelt_dry_run_starts_nothing(api: httpx.Client, ledger: Ledger, query: str) -> None:
    answer = api.post(f"/v1/sweeps?{query}", content=TINY, headers=YAML)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == query.partition("=")[0]
    assert not ledger.list_sweeps().items


def test_the_same_key_and_spec_give_the_same_sweep(api: httpx.Client, ledger: Ledger) -> None:
    headers = YAML | {"Idempotency-Key": "mine"}
    first = api.post("/v1/sweeps", content=TINY, headers=headers)
    again = api.post("/v1/sweeps", content=TINY, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["location"] == first.headers["location"]
    assert len(ledger.list_sweeps().items) == 1


def test_the_same_key_with_another_spec_is_a_conflict(api: httpx.Client, ledger: Ledger) -> None:
    headers = YAML | {"Idempotency-Key": "mine"}
    api.post("/v1/sweeps", content=TINY, headers=headers)
    answer = api.post("/v1/sweeps", content=changed("seeds: 2", "seeds: 3"), headers=headers)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(ledger.list_sweeps().items) == 1


BAD_SPECS = {
    "bad YAML": ("{name: [", ""),
    "an empty body": ("", ""),
    "a list": ("- 1\n- 2", ""),
    "an unknown key": (changed("seeds: 2", "seed_count: 2"), "seed_count"),
    "an unknown setting": (changed("{steps: 20,", "{stepz: 20,"), "base.stepz"),
    "an empty axis": (
        changed("values: [{kind: none}, {kind: global_norm, max_norm: 1.0}]", "values: []"),
        "axes.clip",
    ),
    "a negative learning rate": (
        changed("log_grid: [0.001, 100, 6]", "values: [0.1, -1]"),
        "axes.optimizer.lr",
    ),
    "too many trials": (changed("seeds: 2", "seeds: 10000").replace("6]", "100000]"), ""),
    "an unknown kind": (changed("kind: global_norm", "kind: globalnorm"), "axes.clip"),
    "an alias bomb": ("a: &a [1,1]\nb: &b [*a,*a]\nname: *b", ""),
    "deep nesting": ("name: " + "[" * 5000 + "]" * 5000, ""),
    "not a number": (changed("steps: 20", "steps: .nan"), "base.steps"),
}


@pytest.mark.parametrize("case", BAD_SPECS)
def test_a_bad_spec_is_refused_with_its_place_and_nothing_is_stored(
    api: httpx.Client, ledger: Ledger, case: str
) -> None:
    text, path = BAD_SPECS[case]
    answer = api.post("/v1/sweeps", content=text, headers=YAML)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == "urn:gradsweep:invalid-spec"
    assert any(problem["path"].startswith(path) and problem["expected"] for problem in body["problems"])
    assert not ledger.list_sweeps().items


def test_every_problem_of_a_spec_is_told_at_once_with_the_nearest_name(api: httpx.Client) -> None:
    text = changed("{steps: 20,", "{stepz: 20,").replace("kind: global_norm", "kind: globalnorm")
    problems = api.post("/v1/sweeps", content=text, headers=YAML).json()["problems"]
    assert {"steps", "global_norm"} <= {problem["nearest"] for problem in problems}
    assert all(problem["line"] for problem in problems)


@pytest.mark.parametrize("text", ['{"name": "x"', '{"name": NaN}', "{'name': 'x'}", '{"a": 1} trailing'])
def test_bad_json_is_refused(api: httpx.Client, text: str) -> None:
    answer = api.post("/v1/sweeps", content=text, headers=JSON)
    assert answer.status_code == 422
    assert answer.json()["problems"]


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "image/png"])
def test_another_content_type_is_415_and_says_which_are_understood(
    api: httpx.Client, content_type: str
) -> None:
    answer = api.post("/v1/sweeps", content=TINY.encode(), headers={"Content-Type": content_type})
    assert answer.status_code == 415
    assert "application/yaml" in answer.json()["detail"]


def test_a_body_that_is_not_utf8_is_refused(api: httpx.Client) -> None:
    assert api.post("/v1/sweeps", content=b"name: \xff", headers=YAML).status_code == 400


def test_fifty_megabytes_are_refused_over_a_real_connection(server: str, ledger: Ledger) -> None:
    answer = httpx.post(f"{server}/v1/sweeps", content=b"#" * 50_000_000, headers=YAML, timeout=60)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert not ledger.list_sweeps().items


def test_a_body_of_unknown_length_is_cut_off_once_it_is_too_long(server: str) -> None:
    num_sent = 0

    def chunks() -> object:
        nonlocal num_sent
        for _ in range(1000):
            num_sent += 1
            yield b"#" * 100_000

    answer = httpx.post(f"{server}/v1/sweeps", content=chunks(), headers=YAML, timeout=60)  # type: ignore[arg-type]
    assert answer.status_code == 413
    assert num_sent < 1000


@pytest.mark.parametrize("key", ["", "k" * 201])
def test_an_idempotency_key_that_cannot_be_used_is_refused(api: httpx.Client, key: str) -> None:
    answer = api.post("/v1/sweeps", content=TINY, headers=YAML | {"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["path"] == "idempotency-key"


def test_a_search_that_decides_by_results_is_queued_with_what_is_known_of_it(api: httpx.Client) -> None:
    document = yaml.safe_load(TINY) | {"search": {"kind": "edge"}}
    document["axes"]["optimizer.lr"] = {"log_uniform": [0.001, 100]}
    plan = api.post("/v1/sweeps?dry_run=true", json=document).json()
    assert plan["num_trials"] < plan["usual_trials"] < plan["max_trials"]
    assert "trials to begin with" in plan["warnings"][-1]
    body = api.post("/v1/sweeps", json=document).json()
    assert (body["num_trials"], body["max_trials"]) == (plan["num_trials"], plan["max_trials"])


def test_a_warm_start_from_a_sweep_that_is_not_there_is_refused(api: httpx.Client, ledger: Ledger) -> None:
    document = yaml.safe_load(TINY) | {"search": {"kind": "tpe", "trials": 8, "warm_start": "nowhere"}}
    for query in ("", "?dry_run=true"):
        answer = api.post(f"/v1/sweeps{query}", json=document)
        assert answer.status_code == 422
        (problem,) = answer.json()["problems"]
        assert (problem["path"], problem["value"]) == ("search.warm_start", "nowhere")
    assert not ledger.list_sweeps().items

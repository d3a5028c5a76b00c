"""Every error over HTTP has one shape."""

import httpx
import pytest
from fastapi import FastAPI

from service.problems import MEDIA_TYPE, Problem
from sweeps.errors import LedgerUnavailableError
from sweeps.ledger.base import Sweep


def assert_problem(answer: httpx.Response, status: int) -> Problem:
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = Problem.model_validate(answer.json())
    assert problem.status == status
    assert problem.type.startswith("urn:gradsweep:")
    assert problem.detail
    assert problem.instance == answer.request.url.path
    return problem


@pytest.mark.parametrize("path", ["/nope", "/v1", "/static/app.py", "/static/../app.py", "/docs"])
def test_a_path_that_leads_nowhere_is_404(api: httpx.Client, path: str) -> None:
    assert_problem(api.get(path), 404)


@pytest.mark.parametrize(
    "suffix", ["", "/trials", "/trials/0", "/analysis", "/summary", "/report", "/events"]
)
def test_a_sweep_that_is_not_there_is_404_and_named(api: httpx.Client, suffix: str) -> None:
    assert "absent" in assert_problem(api.get(f"/v1/sweeps/absent{suffix}"), 404).detail


@pytest.mark.parametrize("action", ["cancel", "pause", "resume", "clone", "extend"])
def test_acting_on_a_sweep_that_is_not_there_is_404(api: httpx.Client, action: str) -> None:
    assert_problem(api.post(f"/v1/sweeps/absent/{action}"), 404)


def test_a_wrong_method_is_405_and_every_right_one_is_named(api: httpx.Client) -> None:
    answer = api.put("/v1/sweeps")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "GET, POST"
    assert api.post("/healthz").headers["allow"] == "GET"


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/sweeps?limit=0", "limit"),
        ("/v1/sweeps?limit=many", "limit"),
        ("/v1/sweeps?status=asleep", "status"),
        ("/v1/sweeps?cursor=made-up", "cursor"),
        ("/v1/sweeps?nme=x", "nme"),
        ("/?cursor=made-up", "cursor"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_422_and_named(
    api: httpx.Client, path: str, parameter: str
) -> None:
    problem = assert_problem(api.get(path), 422)
    assert [entry.path for entry in problem.problems] == [parameter]


@pytest.mark.parametrize(
    "query", ["outcome=sad", "sort=colour", "limit=-1", "limit=1001", "outcom=stable", "cursor=made-up"]
)
def test_wrong_trial_parameters_are_422(api: httpx.Client, sweep: Sweep, query: str) -> None:
    problem = assert_problem(api.get(f"/v1/sweeps/{sweep.id}/trials?{query}"), 422)
    assert problem.problems[0].path == query.partition("=")[0]


@pytest.mark.parametrize("number", ["-1", "x", "1.5", "99999999999999999999"])
def test_a_trial_number_that_cannot_be_is_refused(api: httpx.Client, sweep: Sweep, number: str) -> None:
    assert api.get(f"/v1/sweeps/{sweep.id}/trials/{number}").status_code in (404, 422)


def test_a_mistake_of_ours_is_500_without_a_word_about_the_inside(app: FastAPI, api: httpx.Client) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("the secret is in /etc/somewhere")

    problem = assert_problem(api.get("/broken"), 500)
    assert "secret" not in problem.model_dump_json()


def test_a_ledger_that_does_not_answer_is_503_without_its_address(app: FastAPI, api: httpx.Client) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise LedgerUnavailableError("postgresql://user:password@host does not answer")

    answer = api.get("/broken")
    assert "password" not in assert_problem(answer, 503).model_dump_json()
    assert answer.headers["retry-after"]


def test_a_page_of_another_site_may_change_nothing(api: httpx.Client, sweep: Sweep) -> None:
    path = f"/v1/sweeps/{sweep.id}/cancel"
    assert_problem(api.post(path, headers={"Origin": "https://elsewhere.example"}), 403)
    assert api.get(f"/v1/sweeps/{sweep.id}").json()["status"] == "queued"
    own_page = str(api.base_url).rstrip("/")
    assert api.post(path, headers={"Origin": own_page}).status_code == 202


@pytest.mark.parametrize("host", ["rebound.example", "rebound.example:8000", "a.b", "::1]["])
def test_a_public_name_that_the_service_was_not_told_of_is_refused(api: httpx.Client, host: str) -> None:
    assert_problem(api.get("/v1/sweeps", headers={"Host": host}), 403)


@pytest.mark.parametrize(
    "host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "192.168.0.7", "api", "known.example"]
)
def test_addresses_short_names_and_allowed_hosts_are_answered(api: httpx.Client, host: str) -> None:
    assert api.get("/v1/sweeps", headers={"Host": host}).status_code == 200


def test_the_schema_says_that_errors_are_problems(api: httpx.Client) -> None:
    operations = [
        operation for path in api.get("/openapi.json").json()["paths"].values() for operation in path.values()
    ]
    for operation in operations:
        errors = {code: answer for code, answer in operation["responses"].items() if code[0] in "45"}
        assert errors
        assert all(MEDIA_TYPE in answer["content"] for answer in errors.values()), operation["operationId"]

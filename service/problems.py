"""Errors over HTTP: RFC 9457 problem documents, one shape for everything that goes wrong."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match

from service.errors import ServiceError
from service.numbers import finite_json
from sweeps.errors import ConflictError, CursorError, LedgerUnavailableError, NotFoundError
from sweeps.spec import SpecError

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)


class FieldProblem(BaseModel):
    """One thing that is wrong with a request: where, what was found, what would be right."""

    path: str = Field(description="dotted path into the spec, or the name of a parameter")
    value: Any = Field(None, description="what was found there")
    expected: str = Field(description="what would be accepted")
    nearest: str | None = Field(None, description="the valid name closest to the one given")
    line: int | None = Field(None, description="line of a spec that came as text, from 1")
    column: int | None = Field(None, description="column of that line, from 1")


class Problem(BaseModel):
    """An RFC 9457 problem document; `type` is stable, `detail` is for people."""

    type: str = Field(description="what kind of problem, as a URN that does not change")
    title: str = Field(description="the kind of problem in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what happened this time, and what to do")
    instance: str = Field(description="the path that was asked for")
    problems: list[FieldProblem] = Field(default_factory=list, description="every single thing that is wrong")


class ProblemError(ServiceError):
    """Raised in a route to answer with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        kind: str = "",
        problems: list[FieldProblem] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind or HTTPStatus(status).phrase.lower().replace(" ", "-")
        self.problems = problems or []
        self.headers = headers


def problem_response(
    request: Request, problem: ProblemError, extra: Mapping[str, Any] | None = None
) -> JSONResponse:
    """The answer for `problem`, with the path of `request` as its instance and `extra` members of its own."""
    body = Problem(
        type=f"urn:gradsweep:{problem.kind}",
        title=problem.kind.replace("-", " ").capitalize(),
        status=problem.status,
        detail=problem.detail,
        instance=request.url.path,
        problems=problem.problems,
    )
    content = finite_json({**body.model_dump(mode="json"), **(extra or {})})
    return JSONResponse(content, problem.status, headers=problem.headers, media_type=MEDIA_TYPE)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of `app` a problem document, those of the router and of Python included."""
    app.add_exception_handler(ProblemError, _problem_error)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(NotFoundError, _not_found)
    app.add_exception_handler(ConflictError, _conflict)
    app.add_exception_handler(SpecError, _spec_error)
    app.add_exception_handler(CursorError, _cursor)
    app.add_exception_handler(LedgerUnavailableError, _unavailable)
    app.add_exception_handler(Exception, _internal)


async def _problem_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    return problem_response(request, error)


async def _http_exception(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail, headers = str(error.detail), error.headers
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"nothing is at {request.url.path}; GET /openapi.json lists what is"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_allowed_methods(request))
        detail = f"{request.url.path} takes {allowed}, not {request.method}"
        headers = {"Allow": allowed}
    return problem_response(request, ProblemError(error.status_code, detail, headers=headers))


def _allowed_methods(request: Request) -> list[str]:
    """Every method that some route takes at this path, where the router names those of one route only."""
    return [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


async def _validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [_field_problem(item) for item in error.errors()]
    names = ", ".join(problem.path for problem in problems)
    detail = f"{len(problems)} parameter(s) cannot be used: {names}"
    return problem_response(request, ProblemError(422, detail, kind="invalid-request", problems=problems))


def _field_problem(item: Mapping[str, Any]) -> FieldProblem:
    """A pydantic error in our words; its location starts with query, path or header."""
    path = ".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0])
    expected = {"extra_forbidden": "no such parameter", "missing": "this parameter is required"}
    return FieldProblem(
        path=path, value=item.get("input"), expected=expected.get(item["type"], str(item["msg"]))
    )


async def _not_found(request: Request, error: Exception) -> JSONResponse:
    return problem_response(request, ProblemError(404, str(error)))


async def _conflict(request: Request, error: Exception) -> JSONResponse:
    return problem_response(request, ProblemError(409, str(error)))


async def _spec_error(request: Request, error: Exception) -> JSONResponse:
    """Everything that is wrong with a spec, at once."""
    assert isinstance(error, SpecError)
    problems = [FieldProblem(**vars(problem)) for problem in error.problems]
    detail = f"{len(problems)} thing(s) in the spec cannot be used; the first: {error.problems[0]}"
    return problem_response(request, ProblemError(422, detail, kind="invalid-spec", problems=problems))


async def _cursor(request: Request, error: Exception) -> JSONResponse:
    problem = FieldProblem(
        path="cursor", value=request.query_params.get("cursor"), expected="next_cursor of the page before"
    )
    return problem_response(
        request, ProblemError(422, str(error), kind="invalid-request", problems=[problem])
    )


async def _unavailable(request: Request, error: Exception) -> JSONResponse:
    """The ledger's database does not answer; the log says why, since its message may hold the address."""
    logger.error("%s %s: %s", request.method, request.url.path, error)
    detail = "the ledger's database does not answer; nothing was stored, try again"
    headers = {"Retry-After": "2"}
    return problem_response(request, ProblemError(503, detail, kind="ledger-unavailable", headers=headers))


async def _internal(request: Request, error: Exception) -> JSONResponse:
    """A mistake of ours: the log has the traceback, the answer tells nothing about the inside."""
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    detail = "this is a mistake in gradsweep, not in the request; the server's log has the details"
    return problem_response(request, ProblemError(500, detail))

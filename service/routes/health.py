"""Whether the service lives, whether sweeps can run, and numbers for Prometheus."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from service.dependencies import LedgerDep, SettingsDep
from service.problems import ProblemError, problem_response
from service.readiness import check_all
from service.schemas import ReadyAnswer

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz", response_model=ReadyAnswer)
async def readyz(request: Request, ledger: LedgerDep, settings: SettingsDep) -> ReadyAnswer | JSONResponse:
    """Ledger, runner and MLflow answer; 503 names those that do not."""
    checks = await check_all(ledger, settings)
    failed = [f"{name}: {check.detail}" for name, check in checks.items() if not check.ok]
    if failed:
        extra = {"checks": {name: check.model_dump() for name, check in checks.items()}}
        return problem_response(request, ProblemError(503, "; ".join(failed), kind="not-ready"), extra)
    return ReadyAnswer(status="ready", checks=checks)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Sweeps by status, trials by outcome and requests, for Prometheus."""
    return Response(request.app.state.metrics.text(), media_type=CONTENT_TYPE_LATEST)

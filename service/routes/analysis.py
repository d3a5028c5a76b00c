"""What a sweep found: the analysis as JSON, the report as a page."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, JSONResponse

from service.dependencies import LedgerDep, SweepDep
from service.numbers import finite_json
from service.problems import ProblemError
from sweeps.analysis import analyze
from sweeps.ledger.base import ENDED
from sweeps.spec import parse_spec

router = APIRouter(prefix="/v1/sweeps/{sweep_id}", tags=["analysis"])


@router.get("/analysis")
def get_analysis(sweep: SweepDep, ledger: LedgerDep) -> JSONResponse:
    """Stability map, edges and recommendation; while the sweep runs, of the trials that have ended."""
    stored: dict[str, Any] | None = ledger.get_analysis(sweep.id) if sweep.status in ENDED else None
    if stored is None:
        stored = analyze(parse_spec(sweep.spec), ledger.all_trials(sweep.id)).to_json()
    return JSONResponse(finite_json(stored))


@router.get("/report", response_class=HTMLResponse)
def get_report(sweep: SweepDep, ledger: LedgerDep) -> HTMLResponse:
    """The report as one page without anything from the network; 404 until it is ready."""
    html = ledger.get_report(sweep.id)
    if html is None:
        detail = f"the report of {sweep.id} is not ready; the sweep is {sweep.status}"
        raise ProblemError(404, detail, kind="report-not-ready")
    return HTMLResponse(html)

"""What a sweep found: the analysis as JSON and as text, the report as a page."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from service.dependencies import LedgerDep, MapsDep, SweepDep
from service.maps.answer import MapAnswer
from service.numbers import finite_json
from service.problems import ProblemError
from service.summary import analysis_of, map_text, summary_text
from sweeps.ledger.base import ENDED

router = APIRouter(prefix="/v1/sweeps/{sweep_id}", tags=["analysis"])
REPORT_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "sandbox allow-scripts allow-downloads allow-popups"
)
"""The report stands alone: nothing from the network, and no way into the page that shows it."""


@router.get("/analysis")
def get_analysis(sweep: SweepDep, ledger: LedgerDep) -> JSONResponse:
    """Stability map, edges and recommendation; while the sweep runs, of the trials that have ended."""
    stored: dict[str, Any] | None = ledger.get_analysis(sweep.id) if sweep.status in ENDED else None
    return JSONResponse(finite_json(stored or analysis_of(sweep, ledger).to_json()))


@router.get("/map")
def get_map(sweep: SweepDep, maps: MapsDep) -> MapAnswer:
    """The stability map so far in few bytes: places, outcomes and edges of all trials, ended or not."""
    return maps.get(sweep)


@router.get("/summary", response_class=PlainTextResponse)
def get_summary(
    sweep: SweepDep,
    ledger: LedgerDep,
    width: Annotated[int, Query(ge=40, le=400, description="longest line")] = 100,
    color: Annotated[bool, Query(description="colours for a terminal; it reads without them too")] = False,
    map_only: Annotated[bool, Query(description="leave out edges and recommendation")] = False,
) -> str:
    """Stability map, edges and recommendation as text for a terminal."""
    render = map_text if map_only else summary_text
    return render(analysis_of(sweep, ledger), width=width, color=color)


@router.get("/report", response_class=HTMLResponse)
def get_report(sweep: SweepDep, ledger: LedgerDep) -> HTMLResponse:
    """The report as one page without anything from the network; 404 until it is ready."""
    html = ledger.get_report(sweep.id)
    if html is None:
        detail = f"the report of {sweep.id} is not ready; the sweep is {sweep.status}"
        raise ProblemError(404, detail, kind="report-not-ready")
    return HTMLResponse(html, headers={"Content-Security-Policy": REPORT_POLICY})

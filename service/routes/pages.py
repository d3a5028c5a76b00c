"""The live page: the list of sweeps, one sweep with its map, one trial."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from service.dependencies import LedgerDep, SettingsDep, SweepDep
from service.pages.compare_page import ComparePages
from service.pages.new_page import new_values
from service.pages.render import CONTENT_SECURITY_POLICY, Renderer
from service.pages.sweep_page import sweep_values
from service.pages.trial_page import trial_values
from service.routes.trials import TrialNumber

router = APIRouter(tags=["pages"], include_in_schema=False)
SWEEPS_ON_A_PAGE = 30
CursorQuery = Annotated[str | None, Query(max_length=500)]
Beside = Annotated[list[TrialNumber], Query(max_length=1000, description="trials that share the square")]
Part = Annotated[bool, Query(description="the trial alone, for the drawer of the map")]


@router.get("/", response_class=HTMLResponse)
def sweeps_page(
    request: Request, ledger: LedgerDep, settings: SettingsDep, cursor: CursorQuery = None
) -> HTMLResponse:
    """Sweeps with their progress, the newest first."""
    page = ledger.list_sweeps(cursor=cursor, limit=SWEEPS_ON_A_PAGE)
    values = {
        "here": "sweeps",
        "mlflow_url": settings.mlflow_link_base,
        "sweeps": page.items,
        "older": page.next_cursor,
    }
    return html_page(request, "sweeps.html", values)


@router.get("/sweeps/{sweep_id}", response_class=HTMLResponse)
def sweep_page(request: Request, sweep: SweepDep, ledger: LedgerDep, settings: SettingsDep) -> HTMLResponse:
    """One sweep: progress, outcomes and its map, which fills in as trials end."""
    return html_page(request, "sweep.html", sweep_values(ledger, settings, sweep))


@router.get("/sweeps/{sweep_id}/trials/{number}", response_class=HTMLResponse)
def trial_page(
    request: Request,
    sweep: SweepDep,
    number: TrialNumber,
    ledger: LedgerDep,
    settings: SettingsDep,
    beside: Beside = [],  # noqa: B006 (never changed)
    part: Part = False,
) -> HTMLResponse:
    """One ended trial: outcome, evidence, curves, layers."""
    values = trial_values(ledger, settings, sweep, number, beside)
    return html_page(request, "trial_part.html" if part else "trial.html", values)


@router.get("/new", response_class=HTMLResponse)
def new_page(
    request: Request,
    ledger: LedgerDep,
    settings: SettingsDep,
    like: Annotated[str | None, Query(alias="from", description="a sweep to start from")] = None,
    preset: Annotated[str | None, Query(description="a preset to start from")] = None,
) -> HTMLResponse:
    """The form that starts a sweep."""
    sweep = ledger.get_sweep(like) if like else None
    here = {"base_url": str(request.base_url).rstrip("/")}
    return html_page(request, "new.html", new_values(settings, sweep, preset) | here)


@router.get("/compare", response_class=HTMLResponse)
def compare_page(request: Request, a: str | None = None, b: str | None = None) -> HTMLResponse:
    """The edges of two sweeps side by side."""
    compare_pages: ComparePages = request.app.state.compare_pages
    return html_page(request, "compare.html", compare_pages.values(a or None, b or None))


def html_page(
    request: Request, template: str, values: Mapping[str, object], status: int = 200
) -> HTMLResponse:
    """A filled template under the policy of all pages."""
    renderer: Renderer = request.app.state.renderer
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(renderer.page(template, values), status, headers=headers)

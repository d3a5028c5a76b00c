"""The live page: the list of sweeps, and one sweep with its map."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse, HTMLResponse

from service import pages
from service.dependencies import LedgerDep, SettingsDep
from service.pages.render import CONTENT_SECURITY_POLICY, Renderer
from service.pages.sweep_page import SweepPages
from service.problems import ProblemError
from sweeps.ledger.base import ENDED

router = APIRouter(tags=["pages"], include_in_schema=False)
FOLDER = Path(pages.__file__).parent
ASSETS = {"style.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
SWEEPS_ON_A_PAGE = 30
CursorQuery = Annotated[str | None, Query(max_length=500)]


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
        "active": any(sweep.status not in ENDED for sweep in page.items),
    }
    return _html(request, "sweeps.html", values)


@router.get("/sweeps/{sweep_id}", response_class=HTMLResponse)
def sweep_page(request: Request, sweep_id: str) -> HTMLResponse:
    """One sweep: progress, outcomes and its map, which fills in as trials end."""
    sweep_pages: SweepPages = request.app.state.sweep_pages
    return _html(request, "sweep.html", sweep_pages.values(sweep_id))


@router.get("/static/{name}")
def asset(name: str) -> FileResponse:
    """Style sheet, script and icon of the pages."""
    if name not in ASSETS:
        raise ProblemError(404, f"there is no asset {name}")
    return FileResponse(FOLDER / name, media_type=ASSETS[name], headers={"Cache-Control": "no-cache"})


def _html(request: Request, template: str, values: Mapping[str, object]) -> HTMLResponse:
    renderer: Renderer = request.app.state.renderer
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Cache-Control": "no-store"}
    return HTMLResponse(renderer.page(template, values), headers=headers)

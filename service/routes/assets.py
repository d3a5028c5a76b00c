"""Style sheets, scripts and the icon of the pages."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from service import pages
from service.pages.render import palette_css
from service.problems import ProblemError

router = APIRouter(tags=["pages"], include_in_schema=False)
FOLDER = Path(pages.__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}


@router.get("/static/palette.css")
def palette() -> Response:
    """The colours of outcomes, from where every picture has them."""
    return Response(palette_css(), media_type="text/css", headers=HEADERS)


@router.get("/static/{name}")
def asset(name: str) -> FileResponse:
    """One file of the pages' folder that browsers are meant to get."""
    assets = {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}
    if name not in assets:
        raise ProblemError(404, f"there is no asset {name}")
    return FileResponse(assets[name], media_type=TYPES[assets[name].suffix], headers=HEADERS)

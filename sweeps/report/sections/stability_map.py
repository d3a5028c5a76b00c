"""The section with the outcome maps."""

from markupsafe import Markup

from sweeps.analysis import Analysis, OutcomeMap
from sweeps.report.map_table import Tile, TilePanel, tile_panels
from sweeps.report.markup import el, join
from sweeps.report.palette import PALETTE
from sweeps.report.sections.base import ReportData, Section
from trainers.record import OUTCOMES

LEAD = "Each tile is one setting, split by how its seeds ended. ★ is the pick, ☆ the runner-up."
EDGES = " The bar is the edge, where P(stable) falls below ½."


def stability_map(data: ReportData) -> Section | None:
    """The map over all settings, and below it one for each axis with the others pooled."""
    maps = data.analysis.maps
    if not maps:
        return None
    pooled = [el("details", el("summary", _pooled_title(found)), _map(found, None)) for found in maps[1:]]
    first = _map(maps[0], data.analysis)
    return Section(
        "map",
        "Stability map",
        LEAD + EDGES * (maps[0].edges is not None),
        join([_legend(data.analysis), first, *pooled]),
    )


def _pooled_title(found: OutcomeMap) -> str:
    row = found.row.label if found.row else "all settings"
    return f"{found.column.label} against {row}, pooled over {', '.join(found.pooled)}"


def _map(found: OutcomeMap, analysis: Analysis | None) -> Markup:
    panels = tile_panels(found, analysis.recommendation if analysis else None)
    return el("div", *(_panel(found, panel) for panel in panels), class_="panels")


def _panel(found: OutcomeMap, panel: TilePanel) -> Markup:
    names = f"{found.row.label} ↓ {found.column.label} →" if found.row else f"{found.column.label} →"
    corner = el("th", names, scope="col", class_="corner")
    heads = [el("th", el("span", level.label), scope="col") for level in found.column.levels]
    name = found.edges.last_stable if found.edges else ""
    edge = [el("th", name, scope="col", class_="bracket")] if found.edges else []
    rows = [
        el(
            "tr", el("th", row.label, scope="row"), *(_tile(tile) for tile in row.tiles),
            *([el("td", row.bracket, class_="bracket", title=row.edge_text)] if found.edges else []),
        )
        for row in panel.rows
    ]  # fmt: skip
    caption = [el("caption", panel.title)] if panel.title else []
    head = el("thead", el("tr", corner, *heads, *edge))
    return el("div", el("table", *caption, head, el("tbody", *rows), class_="map"), class_="scroll")


def _tile(tile: Tile) -> Markup:
    style = f"background:{tile.background};color:{tile.ink}" if tile.letter else None
    names = ("tile", tile.mark, "mixed" * tile.is_mixed, "star" * tile.is_star)
    kinds = " ".join(name for name in names if name)
    return el("td", tile.letter, class_=kinds, style=style, title=tile.title)


def _legend(analysis: Analysis) -> Markup:
    """Only the outcomes that occurred."""
    items = [
        el(
            "li",
            el("b", style.letter, style=f"background:{style.color};color:{style.ink}"),
            el("span", name),
            f" {style.phrase}",
        )
        for name, style in ((name, PALETTE[name]) for name in OUTCOMES)
        if name in analysis.totals.outcomes
    ]
    return el("ul", *items, class_="legend")

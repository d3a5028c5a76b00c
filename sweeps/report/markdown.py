"""The report as a short Markdown text, for a run's note."""

from collections.abc import Iterator

from sweeps.analysis import Analysis, Cell, MapPanel, OutcomeMap, number_label
from sweeps.analysis.axis_edges import AxisEdges
from sweeps.analysis.trade_off import TradeOff
from sweeps.ledger.base import Sweep
from sweeps.report.findings import findings
from sweeps.report.headline import headline
from sweeps.report.map_table import TileRow, tile_panels
from sweeps.report.palette import legend
from sweeps.report.sections.trade_off import compromise_cells

MOST_CHARACTERS = 8_000
"""MLflow shows a note in full up to about this length."""

Block = list[str]


def render_markdown(sweep: Sweep, analysis: Analysis) -> str:
    """Headline, outcome counts, map, edges and recommendation, at most `MOST_CHARACTERS` long.

    What does not fit is left out from the end of the map, then of the edges, and the text says so.
    """
    fixed = [
        f"## {_plain(sweep.name)}",
        "",
        f"**{_plain(headline(analysis))}**",
        "",
        analysis.totals.text(),
        "",
        *(f"- {_plain(finding)}" for finding in findings(analysis)),
        "",
    ]
    closing = [
        "### Recommendation",
        "",
        *(f"- {_plain(reason)}" for reason in analysis.recommendation.reasons),
    ]
    room = MOST_CHARACTERS - len("\n".join([*fixed, *closing])) - 200
    edges = _fitting(_edge_blocks(analysis), room // 2)
    room -= len("\n".join(edges))
    return "\n".join([*fixed, *_fitting(_map_blocks(analysis), room), *edges, *closing])


def _fitting(blocks: Iterator[Block], room: int) -> Block:
    """As many blocks as fit in `room` characters, and a line that says so where some did not."""
    lines: Block = []
    for block in blocks:
        if len("\n".join([*lines, *block])) > room:
            return [*lines, "", "(The rest is in the report.)", ""]
        lines += block
    return lines


def _map_blocks(analysis: Analysis) -> Iterator[Block]:
    if not analysis.maps:
        return
    found = analysis.maps[0]
    yield ["### Stability map", "", f"{legend()}. Small letters: the seeds differ. ▏edge.", ""]
    for panel, original in zip(tile_panels(found), found.panels, strict=True):
        yield [*_panel_head(found, original), *(_row(row) for row in panel.rows), ""]


def _panel_head(found: OutcomeMap, panel: MapPanel) -> Block:
    title = [f"**{_plain(panel.title)}**", ""] if panel.title else []
    corner = f"{found.row.label if found.row else ''} \\ {found.column.label}"
    names = [corner, *(level.label for level in found.column.levels)]
    return [*title, f"| {' | '.join(map(_plain, names))} |", "|---" * len(names) + "|"]


def _row(row: TileRow) -> str:
    tiles = [f"{tile.letter}{'▏' if tile.mark else ''}" for tile in row.tiles]
    return f"| {_plain(row.label)} | {' | '.join(tiles)} |"


def _edge_blocks(analysis: Analysis) -> Iterator[Block]:
    if analysis.trade_off is not None and analysis.trade_off.front:
        yield from _trade_off_blocks(analysis.trade_off)
    if analysis.axis_edges is not None:
        yield from _axis_edge_blocks(analysis.axis_edges)
    cells = [cell for cell in analysis.cells if cell.edge.num_lrs > 1]
    if not cells:
        return
    yield [
        "### Edges", "", "| setting | largest stable lr | P(stable) = ½ at | 95 % interval | steps | seeds |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for cell in cells:
        yield [_edge_row(cell)]
    yield [""]


def _axis_edge_blocks(found: AxisEdges) -> Iterator[Block]:
    name = _plain(found.label)
    yield [
        f"### Edges along {name}", "",
        f"| setting | {name}: stable, not | P(stable) = ½ at | 95 % interval |",
        "|---|---|---|---|",
    ]  # fmt: skip
    for edge in found.edges:
        fitted = ("–", "–") if edge.estimate is None else (number_label(edge.estimate), edge.interval.label())
        yield [f"| {_plain(edge.label)} | {_plain(edge.bracket)} | {' | '.join(fitted)} |"]
    yield [""]


def _trade_off_blocks(found: TradeOff) -> Iterator[Block]:
    yield [
        f"### {_plain(found.metric)} against clearance", "",
        f"| setting | {_plain(found.metric)} | clearance |",
        "|---|---|---|",
    ]  # fmt: skip
    for entry in found.front:
        yield [f"| {' | '.join(map(_plain, compromise_cells(entry)))} |"]
    yield [""]


def _edge_row(cell: Cell) -> str:
    edge, fit = cell.edge, cell.edge.fit
    fitted = ("–", "–") if fit is None else (number_label(fit.edge), fit.interval.label())
    parts = (_plain(cell.label), edge.bracket, *fitted, edge.horizon, str(edge.num_seeds))
    return f"| {' | '.join(parts)} |"


def _plain(words: str) -> str:
    """Words that Markdown cannot take for a table or HTML."""
    return words.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")

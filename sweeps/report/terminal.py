"""The stability map, the edges and the recommendation as text for a terminal."""

import textwrap
from collections.abc import Iterator, Sequence

from sweeps.analysis import Analysis, Cell, MapPanel, MapRow, OutcomeMap, Tally, number_label
from sweeps.analysis.axis_edges import AxisEdges
from sweeps.analysis.labels import count
from sweeps.analysis.levels import Axis
from sweeps.report.findings import findings
from sweeps.report.map_table import edge_marks
from sweeps.report.palette import PALETTE, legend, letter
from sweeps.report.sections.trade_off import compromise_cells

MARKS = {"edge": "│", "band": "┊"}
RESET = "\x1b[0m"
BOLD = "\x1b[1m"
WIDEST_LABEL = 24
MOST_EDGES = 60
UNBROKEN = "\u00a0%"
"""A per cent sign that stays in the line of its number."""


def render_map(analysis: Analysis, *, color: bool = True, width: int = 100) -> str:
    """The first map: a panel for each setting, a letter for each tile, a bar at the edge.

    A capital letter means that all seeds ended so, a small one that most did. Without colour the
    text is plain Unicode; no line is longer than `width`, which must be at least 40.
    """
    if not analysis.maps:
        return "No trial has ended yet."
    found = analysis.maps[0]
    lines = [line for panel in found.panels for line in _panel(found, panel, color, max(width, 40))]
    return "\n".join([*lines, *_legend(found, color, width)])


def render_edges(analysis: Analysis, *, width: int = 100) -> str:
    """The largest stable learning rate of each cell: bracket, fitted edge with interval, horizon, seeds."""
    if not analysis.cells:
        return "No trial has ended yet."
    if analysis.axis_edges is not None:
        return _axis_edges(analysis.axis_edges, width)
    cells = [cell for cell in analysis.cells if cell.edge.num_lrs > 1]
    if not cells:
        return "Each setting was tried at one learning rate only, so none has an edge."
    rows: list[tuple[str, ...]] = [("setting", "largest stable lr", "P(stable)=½ at", "95 % interval")]
    for cell in cells[:MOST_EDGES]:
        fit = cell.edge.fit
        fitted = ("–", "–") if fit is None else (f"{fit.edge:.3g}", fit.interval.label())
        rows.append((cell.label, cell.edge.bracket, *fitted))
    more = [f"and {len(cells) - MOST_EDGES} more cells"] if len(cells) > MOST_EDGES else []
    return "\n".join([*_table(rows, width), *more, _horizon(cells)])


def _axis_edges(found: AxisEdges, width: int) -> str:
    """The edges along another axis: last stable and first unstable value, fitted edge, interval."""
    rows: list[tuple[str, ...]] = [
        ("setting", f"{found.label}: stable | not", "P(stable)=½ at", "95 % interval")
    ]
    for edge in found.edges[:MOST_EDGES]:
        fitted = ("–", "–") if edge.estimate is None else (f"{edge.estimate:.3g}", edge.interval.label())
        rows.append((edge.label, edge.bracket, *fitted))
    more = [f"and {len(found.edges) - MOST_EDGES} more cells"] if len(found.edges) > MOST_EDGES else []
    steps, seeds = max(edge.num_steps for edge in found.edges), min(edge.num_seeds for edge in found.edges)
    return "\n".join(
        [*_table(rows, width), *more, f"horizon {steps} steps, {count(seeds, 'seed')} or more at an edge"]
    )


def render_trade_off(analysis: Analysis, *, width: int = 100) -> str:
    """What no other setting beats in objective and clearance; empty for a search for the objective alone."""
    found = analysis.trade_off
    if found is None or not found.front:
        return ""
    rows = [("setting", found.metric, "clearance"), *map(compromise_cells, found.front[:MOST_EDGES])]
    more = [f"and {len(found.front) - MOST_EDGES} more"] if len(found.front) > MOST_EDGES else []
    return "\n".join([*_table(rows, width, fewest=3), *more])


def _table(rows: Sequence[tuple[str, ...]], width: int, fewest: int = 2) -> list[str]:
    """Lines of columns; where not all fit, only the `fewest` first: no fitted edge without its interval."""
    widths = _column_widths(rows, width, fewest)
    rows = [(_cut_inside(row[0], widths[0]), *row[1:]) for row in rows]
    lines = ["  ".join(_fit(text, size) for text, size in zip(row, widths, strict=False)) for row in rows]
    return [line.rstrip() for line in lines]


def render_findings(analysis: Analysis, *, width: int = 100) -> str:
    """What moved the edge, what matters and where it breaks, an item each; empty where that is not known."""
    return _items(findings(analysis), width)


def render_recommendation(analysis: Analysis, *, width: int = 100) -> str:
    """The recommendation's sentences, an item each, with what was left out."""
    found = analysis.recommendation
    sentences = [*found.reasons]
    if analysis.totals.num_failed or analysis.totals.num_missing:
        sentences.append(analysis.totals.text())
    return _items(sentences, width)


def _items(sentences: Sequence[str], width: int) -> str:
    wrapped = [
        textwrap.wrap(words.replace(" %", UNBROKEN), width, initial_indent="- ", subsequent_indent="  ")
        for words in sentences
    ]
    return "\n".join(line.replace(UNBROKEN, " %") for lines in wrapped for line in lines)


def _column_widths(rows: Sequence[Sequence[str]], width: int, fewest: int) -> list[int]:
    """Widths of the columns that fit: the last ones are left out before names of settings are cut."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if sum(widths) + 2 * (len(widths) - 1) > width:
        widths = widths[:fewest]
    widths[0] = min(widths[0], max(width - sum(widths[1:]) - 2 * (len(widths) - 1), 12))
    return widths


def _panel(found: OutcomeMap, panel: MapPanel, color: bool, width: int) -> Iterator[str]:
    if panel.title:
        yield f"{BOLD}{panel.title}{RESET}" if color else panel.title
    labels = [row.label for row in panel.rows]
    label_width = min(max(len(label) for label in labels), WIDEST_LABEL)
    num_columns = len(found.column.levels)
    tile = _tile_size(panel, num_columns, width - label_width - 2)
    shown = min(num_columns, (width - label_width - 2) // tile)
    room = width - label_width - 2 - shown * tile
    yield " " * (label_width + 2) + _ruler(found.column, tile, shown, room)
    for row in panel.rows:
        tiles = "".join(_tiles(row, found.column, tile, shown, color))
        bracket = f"  {row.edge.bracket}" if row.edge is not None else ""
        tail = bracket if len(bracket) <= room else ""
        yield f"{_fit(row.label, label_width)}  {tiles}{tail}".rstrip()
    yield ""


def _tile_size(panel: MapPanel, num_columns: int, room: int) -> int:
    """Characters per tile: as many as fit beside the brackets, which are left out rather than letters."""
    brackets = max(len(row.edge.bracket) + 2 if row.edge else 0 for row in panel.rows)
    if num_columns * 3 + brackets <= room:
        return 4 if num_columns * 4 + brackets <= room else 3
    return next((size for size in (3, 2) if num_columns * size <= room), 1)


def _ruler(column: Axis, tile: int, shown: int, room: int) -> str:
    """Column labels, each starting above its letter, as many as fit; of a bin its lower end."""
    text = ""
    for index, level in enumerate(column.levels[:shown]):
        start = index * tile + (tile > 2)
        label = level.label if level.lo is None else number_label(level.lo)
        ends = start + len(label) <= shown * tile + room
        if ends and (not text or len(text) < start):
            text = text.ljust(start) + label
    return text


def _tiles(row: MapRow, column: Axis, tile: int, shown: int, color: bool) -> Iterator[str]:
    marks = {index: MARKS[kind] for index, kind in edge_marks(row.edge, column).items()}
    for index, found in enumerate(row.tiles[:shown]):
        mark = marks.get(index, " ")
        text = _letter(found)
        pad = tile - 1 - (tile > 1)
        painted = _paint(f"{' ' * (pad - pad // 2)}{text}{' ' * (pad // 2)}", found, color)
        yield painted + (mark if tile > 1 else "")


def _letter(found: Tally | None) -> str:
    if found is None:
        return " "
    text = letter("failed" if found.majority is None else found.majority)
    unanimous = len(found.counts) <= 1
    return text if unanimous else text.lower()


def _paint(text: str, found: Tally | None, color: bool) -> str:
    if not color or found is None or found.majority is None:
        return text
    style = PALETTE[found.majority]
    return f"\x1b[48;5;{style.ansi};38;5;{style.ansi_ink}m{text}{RESET}"


def _legend(found: OutcomeMap, color: bool, width: int) -> list[str]:
    notes = [legend(), "capital: all seeds ended so; small: most did, the worse one where equal"]
    if found.edges is not None:
        notes.append(
            f"{MARKS['edge']} edge: P(stable) falls below ½ here; {MARKS['band']} ends of an uncertain band"
        )
    if found.column.is_binned:
        notes.append(f"a column holds all {found.column.label} from the number above it to the next")
    if found.pooled:
        notes.append(f"pooled over {', '.join(found.pooled)}")
    return [line for note in notes for line in textwrap.wrap(note, width)]


def _horizon(cells: Sequence[Cell]) -> str:
    steps = sorted({steps for cell in cells for steps in (cell.edge.least_steps, cell.edge.num_steps)})
    seeds = sorted({cell.edge.num_seeds for cell in cells})
    noun = "seed" if seeds == [1] else "seeds"
    return f"horizon {_range(steps)} steps, {_range(seeds)} {noun} per learning rate"


def _range(values: Sequence[int]) -> str:
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"


def _fit(text: str, size: int) -> str:
    return text.ljust(size) if len(text) <= size else text[: size - 1] + "…"


def _cut_inside(text: str, size: int) -> str:
    """The beginning and the end of a setting, which tell it from others, where it is too long."""
    if len(text) <= size:
        return text
    return f"{text[: (size - 1) // 2]}…{text[len(text) - size // 2 :]}"

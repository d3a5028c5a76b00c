"""An outcome map as rows of tiles that a template can write down."""

from dataclasses import dataclass

from sweeps.analysis import Edge, MapPanel, MapRow, OutcomeMap, Recommendation, Tally
from sweeps.analysis.axis_edges import AxisEdge
from sweeps.analysis.levels import Axis, Level
from sweeps.analysis.yardstick import Yardstick
from sweeps.report.palette import PALETTE, letter


@dataclass(frozen=True)
class Tile:
    """One tile: letter, colours as a CSS background, what hovering says, and the edge behind it."""

    letter: str
    background: str
    ink: str
    title: str
    mark: str
    is_mixed: bool = False
    is_star: bool = False


@dataclass(frozen=True)
class TileRow:
    """One row of tiles with its edge."""

    label: str
    tiles: tuple[Tile, ...]
    bracket: str
    edge_text: str


@dataclass(frozen=True)
class TilePanel:
    """One panel of a map."""

    title: str
    rows: tuple[TileRow, ...]


def tile_panels(found: OutcomeMap, recommendation: Recommendation | None = None) -> tuple[TilePanel, ...]:
    """The panels of a map; the recommended setting is starred when every tile is one setting."""
    stars = {} if recommendation is None or found.pooled else _stars(recommendation)
    return tuple(_panel(found, panel, stars) for panel in found.panels)


def _stars(found: Recommendation) -> dict[int, str]:
    """Trial number to mark, for the recommended setting and the runner-up."""
    stars = dict.fromkeys(found.runner_up.trials, "☆") if found.runner_up else {}
    return stars | (dict.fromkeys(found.best.trials, "★") if found.best else {})


def _panel(found: OutcomeMap, panel: MapPanel, stars: dict[int, str]) -> TilePanel:
    return TilePanel(panel.title, tuple(_row(found, row, stars) for row in panel.rows))


def _row(found: OutcomeMap, row: MapRow, stars: dict[int, str]) -> TileRow:
    column = found.column
    marks = edge_marks(row.edge, column)
    places = [
        f"{row.label}, {column.label} {level.label}{_margin(row.edge, level, found.edges)}"
        for level in column.levels
    ]
    tiles = tuple(
        _tile(tile, places[index], marks.get(index, ""), stars) for index, tile in enumerate(row.tiles)
    )
    edge = row.edge
    return TileRow(row.label, tiles, edge.bracket if edge else "", edge.text() if edge else "")


def _margin(edge: Edge | AxisEdge | None, level: Level, yardstick: Yardstick | None) -> str:
    """How far a column is from the last stable value; nothing where that is not known."""
    if edge is None or edge.last_stable is None or edge.num_values < 2:
        return ""
    if yardstick is None or level.middle is None:
        return ""
    margin = yardstick.margin(edge.last_stable, level.middle)
    of = "" if margin == yardstick.at_edge else f"{yardstick.of_value(margin)} "
    return f" ({of}the {yardstick.last_stable})"


def _tile(found: Tally | None, place: str, mark: str, stars: dict[int, str]) -> Tile:
    if found is None:
        return Tile("", "", "", f"{place}: not tried", mark)
    if found.majority is None:
        style = PALETTE["failed"]
        return Tile(style.letter, style.color, style.ink, f"{place}: {found.num_failed} failed", mark)
    counts = ", ".join(f"{number} {name}" for name, number in found.counts.items())
    unanimous = len(found.counts) == 1
    text = letter(found.majority)
    star = next((stars[trial] for trial in found.trials if trial in stars), "")
    return Tile(
        letter=star or (text if unanimous else text.lower()),
        background=_background(found),
        ink=PALETTE[found.majority].ink if unanimous else "#000000",
        title=f"{place}: {counts}{_stopped(found)}; P(stable) 95 % {found.interval.label()}",
        mark=mark,
        is_mixed=not unanimous,
        is_star=bool(star),
    )


def _stopped(found: Tally) -> str:
    return f" ({found.num_partial} stopped early)" if found.num_partial else ""


def _background(found: Tally) -> str:
    """The outcomes side by side, each as wide as its share of the seeds."""
    if len(found.counts) == 1:
        return PALETTE[next(iter(found.counts))].color
    stops, start = [], 0.0
    for name, number in found.counts.items():
        stop = start + 100 * number / found.num_trials
        stops.append(f"{PALETTE[name].color} {start:.0f}% {stop:.0f}%")
        start = stop
    return f"linear-gradient(90deg, {', '.join(stops)})"


def edge_marks(edge: Edge | AxisEdge | None, column: Axis) -> dict[int, str]:
    """Column index to what lies behind it: `edge`, or `band` at the ends of an uncertain band."""
    if edge is None or edge.last_stable is None or edge.status == "above_range":
        return {}
    kind = "edge" if edge.status == "bracketed" else "band"
    is_below = edge.stable == "below"
    marks = {_before(edge.last_stable, column, 0 if is_below else 1): kind}
    if kind == "band" and edge.first_unstable is not None:
        marks[_before(edge.first_unstable, column, 1 if is_below else 0)] = kind
    return marks


def _before(value: float, column: Axis, steps: int) -> int:
    """The column so many steps before that of a value."""
    return max(column.index({column.path: value}) - steps, 0)

"""Two sweeps side by side: the edges of the cells that both have, and what else tells them apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.analysis.cells import Cell, make_cells
from sweeps.analysis.edges import Edge
from sweeps.analysis.labels import axis_labels, count, setting_label, value_label
from sweeps.analysis.observation import LR_PATH, observe_all, value_key
from sweeps.ledger.base import TrialRow

NOT_COMPARED = ("seed", LR_PATH)
Config = Mapping[str, Any]


@dataclass(frozen=True)
class SweptCell:
    """A cell with the full config of one of its trials."""

    cell: Cell
    config: Config


@dataclass(frozen=True)
class Pair:
    """One setting, with its edge in either sweep; None where a sweep lacks it."""

    label: str
    a: Edge | None
    b: Edge | None

    @property
    def ratio(self) -> float | None:
        """How many times higher the second edge lies; None unless both are known."""
        a, b = (edge_lr(edge) for edge in (self.a, self.b))
        return b / a if a and b else None

    @property
    def has_intervals(self) -> bool:
        """Whether both edges were fitted, so that they have 95 % intervals."""
        return all(edge is not None and edge.fit is not None for edge in (self.a, self.b))

    @property
    def is_clear(self) -> bool:
        """Whether the 95 % intervals of the fitted edges have nothing in common."""
        fits = [edge.fit for edge in (self.a, self.b) if edge is not None and edge.fit is not None]
        if not self.has_intervals:
            return False
        first, second = (fit.interval for fit in sorted(fits, key=lambda fit: fit.edge))
        return first.hi is not None and second.lo is not None and first.hi < second.lo


@dataclass(frozen=True)
class Difference:
    """A setting that no axis varies, and that is not the same in both sweeps."""

    path: str
    a: str
    b: str


@dataclass(frozen=True)
class Comparison:
    """Pairs of cells in the order of the first sweep, and what the sweeps do not share.

    Left out are `num_alone` settings that were tried at one learning rate only, in either sweep.
    """

    pairs: tuple[Pair, ...]
    num_alone: int
    differences: tuple[Difference, ...]

    @property
    def left_out(self) -> str:
        """What cannot be compared, and why."""
        settings = count(self.num_alone, "setting")
        return (
            f"Left out: {settings} tried at one learning rate only, so that nothing tells an edge along it."
        )


def swept_cells(trials: Sequence[TrialRow]) -> list[SweptCell]:
    """The cells of a sweep in the order of their first trial."""
    configs = {trial.number: trial.config for trial in trials}
    cells = make_cells(observe_all(trials)).values()
    return [SweptCell(cell, configs[cell.points[0].tally.trials[0]]) for cell in cells]


def compare(a: Sequence[SweptCell], b: Sequence[SweptCell]) -> Comparison:
    """Match the cells by what either sweep varies besides learning rate and seed."""
    paths = list(dict.fromkeys(path for cells in (a, b) for path in _varied(cells)))
    first, second = ({_key(found.config, paths): found for found in cells} for cells in (a, b))
    names = axis_labels(paths)
    pairs = []
    for key in dict.fromkeys([*first, *second]):
        ours, theirs = first.get(key), second.get(key)
        config = (ours or theirs or a[0]).config
        pairs.append(
            Pair(
                _label(config, names, ours or theirs),
                ours.cell.edge if ours else None,
                theirs.cell.edge if theirs else None,
            )
        )
    told = [pair for pair in pairs if any(edge and edge.num_lrs > 1 for edge in (pair.a, pair.b))]
    return Comparison(tuple(told), len(pairs) - len(told), tuple(_differences(a, b, paths)))


def edge_lr(edge: Edge | None) -> float | None:
    """The fitted edge, else the middle of a closed bracket."""
    if edge is None:
        return None
    if edge.fit is not None:
        return edge.fit.edge
    if edge.status == "bracketed" and edge.lower and edge.upper:
        return float((edge.lower * edge.upper) ** 0.5)
    return None


def _varied(cells: Sequence[SweptCell]) -> Iterator[str]:
    """Axes that take more than one value in the sweep; a parameter of a kind counts as the whole kind."""
    paths = dict.fromkeys(path for found in cells for path in found.cell.axes)
    for path in paths:
        if len({value_key(_value(found.config, path)) for found in cells}) > 1:
            yield path


def _value(config: Config, path: str) -> Any:
    value: Any = config
    for part in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _key(config: Config, paths: Sequence[str]) -> str:
    return value_key([_value(config, path) for path in paths])


def _label(config: Config, names: Mapping[str, str], found: SweptCell | None) -> str:
    """What the sweeps vary, in the words of the spec where an axis wrote it."""
    axes = found.cell.axes if found else {}
    setting = {path: axes.get(path, _value(config, path)) for path in names}
    return setting_label(setting) if setting else "all settings"


def _differences(
    a: Sequence[SweptCell], b: Sequence[SweptCell], paths: Sequence[str]
) -> Iterator[Difference]:
    if not a or not b:
        return
    first, second = (dict(_leaves(cells[0].config, "")) for cells in (a, b))
    for path in dict.fromkeys([*first, *second]):
        is_varied = any(path == axis or path.startswith(f"{axis}.") for axis in paths)
        if not is_varied and path not in NOT_COMPARED and first.get(path) != second.get(path):
            yield Difference(path, *(value_label(leaves.get(path)) for leaves in (first, second)))


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}".removeprefix("."))
    else:
        yield path, value

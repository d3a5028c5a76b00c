"""The few sentences that stand below the headline: what moved the edge, what matters, where it breaks."""

from collections.abc import Iterator

from sweeps.analysis import Analysis, Cell, number_label
from sweeps.analysis.remedies import Remedy


def findings(analysis: Analysis) -> tuple[str, ...]:
    """A few sentences, each made of numbers of the analysis; none about what the sweep cannot tell."""
    return (
        *_range_of_edges(analysis),
        *_trade_off(analysis),
        *_strongest_remedy(analysis),
        *_most_forgiving(analysis),
        *_what_matters(analysis),
        *_explosions(analysis),
    )


def _range_of_edges(analysis: Analysis) -> Iterator[str]:
    if analysis.axis_edges is not None:
        yield analysis.axis_edges.text()
    found = [cell for cell in analysis.cells if cell.edge.lower is not None and cell.edge.num_lrs > 1]
    if not found:
        return
    low, high = min(found, key=_largest_lr), max(found, key=_largest_lr)
    if low is high or _largest_lr(low) == _largest_lr(high):
        yield f"The largest stable learning rate is {number_label(_largest_lr(low))} in {_cells(found)}."
        return
    yield (
        f"The largest stable learning rate lies between {number_label(_largest_lr(low))} ({low.label}) and "
        f"{number_label(_largest_lr(high))} ({high.label})."
    )


def _trade_off(analysis: Analysis) -> Iterator[str]:
    if analysis.trade_off is not None:
        yield analysis.trade_off.text()


def _strongest_remedy(analysis: Analysis) -> Iterator[str]:
    moved = [remedy for remedy in analysis.remedies if remedy.is_clear and (remedy.ratio or 0.0) > 1]
    if moved:
        yield max(moved, key=_surest_move).text()


def _most_forgiving(analysis: Analysis) -> Iterator[str]:
    found = [(cell, cell.sensitivity) for cell in analysis.cells if cell.sensitivity is not None]
    if len(found) < 2:
        return
    least = min(found, key=lambda item: item[1].value)
    most = max(found, key=lambda item: item[1].value)
    yield (
        f"Most forgiving of a wrong learning rate is {least[0].label} (LR sensitivity "
        f"{number_label(least[1].value)}), least {most[0].label} ({number_label(most[1].value)})."
    )


def _what_matters(analysis: Analysis) -> Iterator[str]:
    for found in analysis.importance[:1]:
        sure = found.axes[0].alone_interval is None or (found.axes[0].alone_interval.lo or 0.0) > 0
        if len(found.axes) > 1 and sure:
            yield found.text()


def _explosions(analysis: Analysis) -> Iterator[str]:
    found = analysis.explosions
    if found.num_exploded:
        yield f"{found.num_exploded} of {found.num_trials} trials exploded; {found.layers[0].text()}."


def _largest_lr(cell: Cell) -> float:
    return cell.edge.lower or 0.0


def _surest_move(remedy: Remedy) -> float:
    return remedy.interval.lo or 0.0


def _cells(cells: list[Cell]) -> str:
    return "the only cell" if len(cells) == 1 else f"all of {len(cells)} cells"

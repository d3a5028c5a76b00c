"""Parallel coordinates: an upright axis for each quantity, a line through all of them for each setting."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from sweeps.report.markup import el, join
from sweeps.report.palette import PALETTE
from sweeps.report.scale import Scale
from sweeps.report.svg import line, path, svg, text
from trainers.record import OUTCOMES, OutcomeName

WIDTH, HEIGHT = 1060.0, 360.0
LEFT, RIGHT, TOP, BOTTOM = 120.0, 70.0, 34.0, 14.0
SHIFT = 1.6
"""Pixels by which lines through the same listed value are set apart."""
NUM_SHIFTS = 5
CHARACTER = 6.4


@dataclass(frozen=True)
class Ordinate:
    """One upright axis: its name, and the places of its ticks in [0, 1] from bottom to top."""

    title: str
    ticks: tuple[tuple[float, str], ...]
    is_listed: bool = False


@dataclass(frozen=True)
class Thread:
    """One setting: where its line crosses each axis, in [0, 1] from bottom to top."""

    outcome: OutcomeName
    title: str
    places: tuple[float, ...]
    is_pick: bool = False


def number_ordinate(title: str, scale: Scale, worse: str = "") -> Ordinate:
    """An axis of numbers on a scale to [0, 1]; `worse` names the upper end, where what lies beyond is put."""
    ticks = [(at, label) for at, label in scale.ticks(6) if not worse or at < 0.93]
    return Ordinate(title, (*ticks, *([(1.0, worse)] if worse else [])))


def list_ordinate(title: str, labels: Sequence[str]) -> Ordinate:
    """An axis of listed values, the first at the top."""
    return Ordinate(title, tuple((list_place(i, len(labels)), label) for i, label in enumerate(labels)), True)


def list_place(index: int, number: int) -> float:
    """Where value `index` of `number` lies."""
    return 0.5 if number < 2 else 0.97 - 0.94 * index / (number - 1)


def parallel_chart(ordinates: Sequence[Ordinate], threads: Sequence[Thread], label: str) -> Markup:
    """The drawing: rarer outcomes above frequent ones, the pick above all."""
    gap = (WIDTH - LEFT - RIGHT) / max(len(ordinates) - 1, 1)
    xs = [LEFT + gap * index for index in range(len(ordinates))]
    groups = {name: [thread for thread in threads if thread.outcome == name] for name in OUTCOMES}
    drawn = [
        _group(name, found, ordinates, xs)
        for name, found in sorted(groups.items(), key=lambda item: -len(item[1]))
        if found
    ]
    picks = [_path(thread, 0, ordinates, xs, class_="pick") for thread in threads if thread.is_pick]
    axes = [
        _axis(ordinate, x, gap, is_first=not index)
        for index, (ordinate, x) in enumerate(zip(ordinates, xs, strict=True))
    ]
    return svg(WIDTH, HEIGHT, label, el("g", *drawn, class_="threads"), *picks, *axes)


def _group(
    name: OutcomeName, threads: list[Thread], ordinates: Sequence[Ordinate], xs: list[float]
) -> Markup:
    lines = [_path(thread, index, ordinates, xs) for index, thread in enumerate(threads)]
    return el("g", *lines, stroke=PALETTE[name].color, class_=f"of-{name}")


def _path(
    thread: Thread, index: int, ordinates: Sequence[Ordinate], xs: list[float], class_: str | None = None
) -> Markup:
    shift = (index % NUM_SHIFTS - NUM_SHIFTS // 2) * SHIFT
    points = [
        (x, _y(place) + shift * ordinate.is_listed)
        for x, place, ordinate in zip(xs, thread.places, ordinates, strict=True)
    ]
    return el("g", el("title", thread.title), path(points, class_=class_))


def _axis(ordinate: Ordinate, x: float, gap: float, is_first: bool) -> Markup:
    """The axis with its title above; labels to the left of the first axis, to the right of the others."""
    side, anchor = (-1, "end") if is_first else (1, "start")
    room = max(int((LEFT if is_first else gap) / CHARACTER) - 2, 4)
    ticks = [
        line(x - 3, _y(at), x + 3, _y(at), class_="tick")
        + text(x + 7 * side, _y(at) + 4, _short(label, room), text_anchor=anchor, class_="halo")
        for at, label in ordinate.ticks
    ]
    is_last = x > WIDTH - RIGHT - 1
    title = text(
        WIDTH - 2 if is_last else x, 14, ordinate.title,
        text_anchor="end" if is_last else "middle", class_="title",
    )  # fmt: skip
    return join([line(x, _y(0), x, _y(1), class_="tick"), *ticks, title])


def _y(place: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * place


def _short(words: str, size: int) -> str:
    return words if len(words) <= size else words[: size - 1] + "…"

"""Whether the values of a spec make valid trial configs, found without expanding it."""

from collections.abc import Iterator, Mapping
from itertools import islice, product

from sweeps.search import Assignment, Domain, Space
from sweeps.spec.blame import blame
from sweeps.spec.composer import Composer
from sweeps.spec.problems import SpecProblem, shown
from sweeps.spec.settings import Settings
from sweeps.spec.strictly import strictly

MAX_CONTEXTS = 64
"""Settings of other axes under which one axis is tried; the plan tries all."""

MAX_PROBES = 20_000
"""Trial configs that are validated to check one axis."""

MAX_REPEATS = 500
"""Problems, most of them the same again, after which the rest of an axis is not tried."""


class ValueCheck:
    """Tries every listed value, and the ends of every range, in a trial config of its own."""

    def __init__(self, composer: Composer, axes: Mapping[str, Domain], settings: Settings) -> None:
        self._axes = dict(axes)
        self._composer = composer
        self._settings = settings
        self._space = Space(axes, composer.setting)

    def problems(self, *, is_partial: bool) -> list[SpecProblem]:
        """What is wrong, each once; `is_partial` when axes were left out that may supply what is missing."""
        found: dict[tuple[str, str], SpecProblem] = {}
        for path in (None, *self._axes):
            for problem in islice(self._problems_of(path, is_partial), MAX_REPEATS):
                found.setdefault((problem.path, problem.expected), problem)
        return list(found.values())

    def _problems_of(self, path: str | None, is_partial: bool) -> Iterator[SpecProblem]:
        """Problems of one axis' values; of what all trials share, where `path` is None."""
        contexts = [{}] if path is None else list(islice(self._contexts(path), MAX_CONTEXTS))
        fitting = [context for context in contexts if path is None or path in self._assign(context)]
        if path is not None and not fitting and len(contexts) < MAX_CONTEXTS:
            when = shown(self._axes[path].when)
            yield SpecProblem(f"axes.{path}.when", when, "a condition that some trial meets")
        for assignment in islice(self._probes(path, fitting), MAX_PROBES):
            _, issues = strictly(self._settings.root, self._composer.compose(assignment))
            for issue in issues:
                if not (is_partial and issue.type == "missing"):
                    yield blame(issue, assignment, self._axes, self._settings)

    def _probes(self, path: str | None, contexts: list[Assignment]) -> Iterator[Assignment]:
        for context in contexts:
            values = [{}] if path is None else [{path: value} for value in self._axes[path].probes()]
            yield from (self._assign(context | value) for value in values)

    def _contexts(self, path: str) -> Iterator[Assignment]:
        """Values of the axes that decide whether axis `path` exists, or what it belongs to."""
        conditions = self._space.looks_at(path)
        deciding = [other for other in self._axes if other in conditions or _holds(other, path)]
        for values in product(*(self._axes[other].probes() for other in deciding)):
            yield dict(zip(deciding, values, strict=True))

    def _assign(self, fixed: Assignment) -> Assignment:
        """`fixed` values, the first of every other axis, none where an axis does not exist."""
        chosen: Assignment = {}
        for path in self._space.order:
            if self._space.exists(path, chosen):
                chosen[path] = fixed[path] if path in fixed else self._axes[path].probes()[0]
        return chosen


def _holds(other: str, path: str) -> bool:
    return path != other and path.startswith(f"{other.removesuffix('.kind')}.")

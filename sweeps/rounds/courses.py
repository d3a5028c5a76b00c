"""The course of each kind of adaptive search."""

from dataclasses import dataclass

from sweeps.plan_configs import Configurations
from sweeps.rounds.base import Earlier
from sweeps.rounds.course import Course
from sweeps.rounds.edge import EdgeStrand
from sweeps.search import Assignment, EdgeSearch, ModelSearch
from sweeps.spec.model import SweepSpec


@dataclass(frozen=True)
class MadeCourse:
    """A course, what it usually comes to, and how many of its cells were the same as an earlier one."""

    course: Course
    usual_trials: int
    num_duplicates: int


def make_course(spec: SweepSpec, earlier: Earlier = ()) -> MadeCourse:
    """The course of an adaptive search from its beginning; raises `SpecError` for what cannot be trained."""
    search = spec.search
    if isinstance(search, EdgeSearch):
        return _edge_course(spec, search)
    if isinstance(search, ModelSearch):
        return _model_course(spec, search, earlier)
    raise TypeError(f"search kind {search.kind} is planned at once")


def _model_course(spec: SweepSpec, search: ModelSearch, earlier: Earlier) -> MadeCourse:
    # Optuna and its samplers take long to import, which only a search by a model should pay for.
    from sweeps.rounds.optuna_model import ModelStrand

    strand = ModelStrand(Configurations(spec).space, spec, search, earlier)
    num_trials = search.trials * spec.seeds
    return MadeCourse(Course(spec, [strand], num_trials), num_trials, num_duplicates=0)


def _edge_course(spec: SweepSpec, search: EdgeSearch) -> MadeCourse:
    configurations = Configurations(spec)
    space, narrowing = configurations.space, search.narrowing(spec.axes)
    cells: dict[str, Assignment] = {}
    num_drawn = 0
    for cell in search.cells.draw(search.cell_space(space), spec.seed):
        num_drawn += 1
        first = configurations.made_of(space.as_written({**cell, search.axis: narrowing.scan[0]}))
        cells.setdefault(first.config.model_dump_json(), cell)
    strands = [EdgeStrand(space, search, cell, spec.seeds) for cell in cells.values()]
    num_cells = len(cells)
    return MadeCourse(
        Course(spec, strands, max_trials=num_cells * narrowing.most_values * spec.seeds),
        usual_trials=num_cells * narrowing.usual_trials(spec.seeds),
        num_duplicates=num_drawn - num_cells,
    )

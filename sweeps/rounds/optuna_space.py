"""Axes as Optuna's parameters, and back."""

from collections.abc import Iterator, Mapping
from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import Trial

from sweeps.search import Assignment, Domain, IntUniform, Listed, LogUniform, Space, Uniform, Values
from sweeps.search.numbers import tidy

Params = dict[str, Any]


class OptunaSpace:
    """The axes of a space as parameters of the same names.

    Values become the numbers of their places: in no order where they are listed, in order on a grid. Ranges
    stay what they are. With `is_flat` every axis has a parameter in every trial, whether it exists there or
    not, for samplers that leave out parameters which some trials lack.
    """

    def __init__(self, space: Space, *, is_flat: bool) -> None:
        self._space = space
        self._is_flat = is_flat
        self.distributions = {path: distribution_of(axis) for path, axis in space.axes.items()}

    def suggest(self, trial: Trial) -> Assignment:
        """What the sampler wants to see, for the axes that exist beside each other."""
        chosen: Assignment = {}
        for path in self._space.order:
            exists = self._space.exists(path, chosen)
            if exists or self._is_flat:
                value = value_of(self._space.axes[path], _suggested(trial, path, self.distributions[path]))
            if exists:
                chosen[path] = value
        return self._space.as_written(chosen)

    def params(self, assignment: Assignment) -> Params:
        """The parameters that stand for an assignment; raises `ValueError` for a value outside its domain."""
        return dict(self._params(assignment))

    def _params(self, assignment: Assignment) -> Iterator[tuple[str, Any]]:
        for path in self._space.order:
            axis = self._space.axes[path]
            if path in assignment:
                yield path, param_of(axis, assignment[path])
            elif self._is_flat:
                yield path, param_of(axis, axis.at(0.5))

    def distributions_of(self, params: Mapping[str, Any]) -> dict[str, BaseDistribution]:
        """The distributions of some parameters."""
        return {path: self.distributions[path] for path in params}


def distribution_of(axis: Domain) -> BaseDistribution:
    """What Optuna draws from for an axis."""
    if isinstance(axis, Values):
        return CategoricalDistribution(range(axis.size))
    if isinstance(axis, Listed):
        return IntDistribution(0, axis.size - 1)
    if isinstance(axis, IntUniform):
        return IntDistribution(*axis.int_uniform)
    if isinstance(axis, LogUniform):
        return FloatDistribution(*axis.log_uniform, log=True)
    if isinstance(axis, Uniform):
        return FloatDistribution(*axis.uniform)
    raise TypeError(f"no distribution for {axis!r}")


def value_of(axis: Domain, param: Any) -> Any:
    """The value that a parameter stands for, written as axes write their numbers."""
    if isinstance(axis, Listed):
        return axis.point(int(param))
    return int(param) if isinstance(axis, IntUniform) else tidy(float(param))


def param_of(axis: Domain, value: Any) -> Any:
    """The parameter that stands for a value; raises `ValueError` when the domain does not have it."""
    if isinstance(axis, Listed):
        points = [axis.point(index) for index in range(axis.size)]
        if value not in points:
            raise ValueError(f"{value!r} is not one of the {axis.size} values")
        return points.index(value)
    distribution = distribution_of(axis)
    if not _contains(distribution, value):
        raise ValueError(f"{value!r} is outside the range")
    return value if isinstance(axis, IntUniform) else float(value)


def _contains(distribution: BaseDistribution, value: Any) -> bool:
    """Optuna takes a truth value for a number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if isinstance(distribution, IntDistribution) and not float(value).is_integer():
        return False
    assert isinstance(distribution, IntDistribution | FloatDistribution)
    return bool(distribution.low <= value <= distribution.high)


def _suggested(trial: Trial, path: str, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(path, distribution.choices)
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(path, distribution.low, distribution.high)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(path, distribution.low, distribution.high, log=distribution.log)

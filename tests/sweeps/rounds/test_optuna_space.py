"""Axes become Optuna's parameters and come back as they were."""

import json
from typing import Any

import optuna
import pytest

from sweeps.plan_configs import Configurations
from sweeps.rounds.optuna_space import OptunaSpace, param_of, value_of
from sweeps.search import DOMAINS, Grid, IntUniform, LogGrid, LogUniform, Space, Uniform, Values
from sweeps.search.domains import LAST_FRACTION
from tests.sweeps.small_sweep import small_spec

AXES = [
    Values(values=(0.1, 1, "word", None, True, {"kind": "global_norm", "max_norm": 1.0}, [64, 32])),
    Grid(grid=(-1.0, 2.0, 7)),
    LogGrid(log_grid=(16, 256, 5)),
    Uniform(uniform=(-0.5, 0.5)),
    LogUniform(log_uniform=(1e-6, 1e3)),
    IntUniform(int_uniform=(3, 9)),
]


def conditional_space() -> Space:
    axes = {
        "clip.max_norm": {"log_uniform": [0.1, 10], "when": {"clip.kind": "global_norm"}},
        "clip.kind": {"values": ["none", "global_norm", "value"]},
        "clip.max_value": {"log_grid": [0.001, 0.1, 3], "when": {"clip.kind": "value"}},
        "optimizer.lr": {"log_uniform": [0.001, 10]},
        "batch_size": {"int_uniform": [4, 64]},
    }
    return Configurations(small_spec(axes=axes, search={"kind": "random", "trials": 1})).space


def test_every_domain_is_tried_here() -> None:
    assert {type(axis) for axis in AXES} == set(DOMAINS)


@pytest.mark.parametrize("axis", AXES, ids=lambda axis: axis.key)
def test_a_value_of_every_domain_comes_back_as_it_was(axis: Any) -> None:
    for value in (axis.at(fraction) for fraction in (0.0, 0.2, 0.5, 0.77, LAST_FRACTION)):
        assert json.dumps(value_of(axis, param_of(axis, value))) == json.dumps(value)


@pytest.mark.parametrize(
    ("axis", "value"),
    [
        (AXES[0], 0.2), (AXES[1], 0.3), (AXES[3], 0.6), (AXES[3], "0.1"), (AXES[4], 0.0), (AXES[4], True),
        (AXES[5], 3.5), (AXES[5], 10),
    ],
)  # fmt: skip
def test_a_value_that_its_domain_does_not_have_is_refused(axis: Any, value: Any) -> None:
    with pytest.raises(ValueError, match="is"):
        param_of(axis, value)


@pytest.mark.parametrize("is_flat", [False, True])
def test_assignments_with_axes_that_exist_only_sometimes_come_back_as_they_were(is_flat: bool) -> None:
    space = conditional_space()
    params = OptunaSpace(space, is_flat=is_flat)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    kinds = set()
    for _ in range(40):
        assignment = params.suggest(study.ask())
        kinds.add(assignment["clip.kind"])
        assert ("clip.max_norm" in assignment) == (assignment["clip.kind"] == "global_norm")
        assert ("clip.max_value" in assignment) == (assignment["clip.kind"] == "value")
        assert list(assignment) == [path for path in space.axes if path in assignment]
        told = params.params(assignment)
        back = params.suggest(_fixed(told))
        assert back == assignment
    assert kinds == {"none", "global_norm", "value"}


def _fixed(told: dict[str, Any]) -> Any:
    """A trial whose parameters are `told`, as a study hands it out."""
    study = optuna.create_study()
    study.enqueue_trial(told)
    return study.ask()

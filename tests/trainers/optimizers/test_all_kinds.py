"""What holds for every optimizer."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.optimizers.harness import LAYOUT, gradient, start
from trainers.catalogue import alternatives
from trainers.errors import PackError
from trainers.optimizers import SGD, Adam, Optimizer, OptimizerConfig, StackedOptimizer

CLASSES = list(alternatives(OptimizerConfig))
KINDS: list[Optimizer] = [
    *[kind(lr=0.1) for kind in CLASSES],
    SGD(lr=0.1, momentum=0.9, dampening=0.1, weight_decay=0.1),
    Adam(lr=0.1, frozen_after=3),
]
NUM_MEMBERS = 4


def _stack(optimizer: Optimizer, params: Tensor) -> StackedOptimizer:
    return type(optimizer).stack([optimizer] * len(params), LAYOUT, params)


def _steps(
    stacked: StackedOptimizer, params: Tensor, members: list[int], first: int, num_steps: int
) -> Tensor:
    lr = torch.tensor([[0.01 * (1 + member)] for member in members], dtype=params.dtype)
    for step in range(first, first + num_steps):
        grads = torch.stack(
            [gradient(row, step, member) for member, row in zip(members, params, strict=True)]
        )
        params = params + stacked.update(params, grads, lr, step)
    return params


@shows("invariant", of=KINDS)
@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
@settings(max_examples=10)
@given(kept=st.sets(st.integers(0, NUM_MEMBERS - 1), min_size=1))
def test_members_that_stay_never_notice_those_that_leave(optimizer: Optimizer, kept: set[int]) -> None:
    members, everyone = sorted(kept), list(range(NUM_MEMBERS))
    params = start(NUM_MEMBERS)
    together = _stack(optimizer, params)
    halfway = _steps(together, params, everyone, 0, 4)
    together.keep(torch.tensor(members))
    after = _steps(together, halfway[members], members, 4, 4)
    never = _steps(_stack(optimizer, params[members]), params[members], members, 0, 8)
    assert torch.equal(after, never)


@shows("invariant", of=KINDS)
@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
@settings(max_examples=10)
@given(num_steps=st.integers(1, 6), factor=st.floats(1e-3, 1e3))
def test_an_update_is_proportional_to_its_learning_rate(
    optimizer: Optimizer, num_steps: int, factor: float
) -> None:
    params = start(1)
    one, other = _stack(optimizer, params), _stack(optimizer, params)
    lr = torch.full((1, 1), 0.01, dtype=params.dtype)
    for step in range(num_steps):
        grads = gradient(params, step)
        once = one.update(params, grads.clone(), lr, step)
        scaled = other.update(params, grads.clone(), lr * factor, step)
    torch.testing.assert_close(scaled, once * factor, rtol=1e-12, atol=1e-300)


@shows("empty", of=KINDS)
@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_no_members_is_no_work(optimizer: Optimizer) -> None:
    params = start(2)
    stacked = _stack(optimizer, params)
    stacked.keep(torch.tensor([], dtype=torch.int64))
    none = params[:0]
    assert stacked.update(none, none.clone(), none.new_zeros(0, 1), 0).shape == (0, LAYOUT.size)


@shows("infinity", of=KINDS)
@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_an_infinity_stays_with_its_member_and_shows_unless_only_signs_count(optimizer: Optimizer) -> None:
    params = start(2)
    grads = torch.stack([gradient(row, 0, member) for member, row in enumerate(params)])
    grads[0, 3] = math.inf
    delta = _stack(optimizer, params).update(params, grads, torch.full((2, 1), 0.1, dtype=params.dtype), 0)
    assert delta[1].isfinite().all()
    assert delta[0, 3].isfinite() == (optimizer.kind == "lion")


@shows("nan", of=KINDS)
@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_a_nan_stays_with_its_member(optimizer: Optimizer) -> None:
    params = start(2)
    grads = torch.stack([gradient(row, 0, member) for member, row in enumerate(params)])
    grads[0, 3] = math.nan
    lr = torch.full((2, 1), 0.1, dtype=params.dtype)
    delta = _stack(optimizer, params).update(params, grads, lr, 0)
    assert delta[1].isfinite().all()
    if optimizer.kind != "lion":  # the sign of NaN is 0 in torch
        assert delta[0, 3].isnan()


@shows("zero", of=KINDS)
@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_a_gradient_of_zero_moves_nothing_but_decayed_weights(optimizer: Optimizer) -> None:
    params = torch.zeros(1, LAYOUT.size)
    stacked = _stack(optimizer, params)
    delta = stacked.update(params, torch.zeros_like(params), torch.full((1, 1), 0.1), 0)
    assert delta.abs().max() == 0


@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_the_parameters_are_left_to_the_caller(optimizer: Optimizer) -> None:
    params = start(2)
    before = params.clone()
    _steps(_stack(optimizer, params), params, [0, 1], 0, 3)
    assert torch.equal(params, before)


@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_a_member_that_is_reset_starts_afresh_and_the_others_go_on(optimizer: Optimizer) -> None:
    params = start(2)
    stacked, untouched = _stack(optimizer, params), _stack(optimizer, params)
    _steps(stacked, params, [0, 1], 1, 5)
    _steps(untouched, params, [0, 1], 1, 5)
    stacked.reset(torch.tensor([True, False]))
    after = _steps(stacked, params, [0, 1], 1, 1)
    torch.testing.assert_close(after[0], _steps(_stack(optimizer, params), params, [0, 1], 1, 1)[0])
    assert torch.equal(after[1], _steps(untouched, params, [0, 1], 1, 1)[1])


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("lr", [0.0, -1.0, math.inf, math.nan])
def test_a_learning_rate_that_cannot_train_is_refused(kind: type[Optimizer], lr: float) -> None:
    with pytest.raises(ValidationError, match="lr"):
        kind(lr=lr)


@pytest.mark.parametrize("optimizer", KINDS, ids=lambda optimizer: optimizer.kind)
def test_a_kind_is_found_by_its_name(optimizer: Optimizer) -> None:
    assert TypeAdapter(OptimizerConfig).validate_python(optimizer.model_dump()) == optimizer


def test_nesterov_without_momentum_is_refused() -> None:
    with pytest.raises(ValidationError, match="momentum above 0"):
        SGD(lr=0.1, nesterov=True)


def test_members_that_disagree_on_a_switch_cannot_share_a_stack() -> None:
    pack = [SGD(lr=0.1, momentum=0.9), SGD(lr=0.1, momentum=0.9, nesterov=True)]
    with pytest.raises(PackError, match="nesterov"):
        SGD.stack(pack, LAYOUT, start(2))

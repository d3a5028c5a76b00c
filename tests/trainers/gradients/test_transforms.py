"""Gradient transforms: reference, invariants, edges."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats
from torch import Tensor

from tests.trainers.aspects import shows
from trainers.catalogue import alternatives
from trainers.gradients import (
    Centralisation,
    ConstantOffset,
    GradientConfig,
    GradientKind,
    GradientNoise,
    GradientTransform,
    UpdateEma,
)
from trainers.layout import ParameterLayout, ParameterSpec

LAYOUT = ParameterLayout(
    (
        ParameterSpec("conv1.weight", (4, 2, 3, 3), "weight", "conv1", 18, 36),
        ParameterSpec("conv1.bias", (4,), "bias", "conv1", 18, 36),
        ParameterSpec("output.weight", (3, 4), "weight", "output", 4, 3, True),
    )
)
KINDS = [kind() for kind in alternatives(GradientConfig)]


def _draw(num_members: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(num_members, LAYOUT.size, generator=generator, dtype=torch.float64)


def _stack(kinds: list[GradientKind], seeds: list[int] | None = None) -> GradientTransform:
    like = _draw(len(kinds))
    return type(kinds[0]).stack(kinds, LAYOUT, like, list(range(len(kinds))) if seeds is None else seeds)


def _transform(kind: GradientKind, flat: Tensor, step: int = 0) -> Tensor:
    return _stack([kind] * len(flat)).transform(flat.clone(), step)


@shows("reference", of=[UpdateEma])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_an_update_average_is_torchs_momentum_with_dampening(gamma: float) -> None:
    weights = torch.zeros(LAYOUT.size, dtype=torch.float64)
    reference = torch.optim.SGD([weights], lr=1.0, momentum=gamma, dampening=gamma)
    average = _stack([UpdateEma(gamma=gamma), UpdateEma()])
    mine = torch.zeros_like(weights)
    for step in range(25):
        grads = _draw(2, step)
        weights.grad = grads[0].clone()
        reference.step()
        mine -= average.transform(grads, step)[0]
    torch.testing.assert_close(mine, weights, rtol=1e-12, atol=1e-12)


@shows("reference", of=[Centralisation])
def test_centralised_weights_follow_the_formula_and_biases_stay() -> None:
    flat = _draw(2)
    centred = LAYOUT.views(_transform(Centralisation(), flat))
    before = LAYOUT.views(flat)
    for name in ("conv1.weight", "output.weight"):
        grads = before[name].numpy()
        expected = grads - grads.mean(axis=tuple(range(2, grads.ndim)), keepdims=True)
        np.testing.assert_allclose(centred[name].numpy(), expected, rtol=1e-12, atol=1e-15)
    assert torch.equal(centred["conv1.bias"], before["conv1.bias"])


@given(st.integers(0, 10**6))
def test_centralising_twice_changes_nothing_more(seed: int) -> None:
    once = _transform(Centralisation(), _draw(1, seed))
    torch.testing.assert_close(_transform(Centralisation(), once), once, rtol=0, atol=1e-14)


@shows("reference", of=[ConstantOffset])
def test_a_constant_is_added_to_every_entry() -> None:
    flat = _draw(2)
    moved = _stack([ConstantOffset(), ConstantOffset(epsilon=-3.0)]).transform(flat.clone(), 0)
    torch.testing.assert_close(moved - flat, torch.tensor([[1e-5], [-3.0]]).double().expand_as(flat))


@shows("reference", "zero", of=[GradientNoise])
@pytest.mark.parametrize(("eta", "step"), [(0.01, 0), (0.3, 10), (1.0, 1000)])
def test_noise_is_normal_with_the_variance_of_the_formula(eta: float, step: int) -> None:
    zeros = torch.zeros(40, LAYOUT.size, dtype=torch.float64)
    noise = _transform(GradientNoise(eta=eta), zeros, step).flatten().numpy()
    deviation = math.sqrt(eta / (1 + step) ** 0.55)
    assert stats.kstest(noise, "norm", args=(0, deviation)).pvalue > 1e-3


def test_noise_depends_on_seed_and_step_and_nothing_else() -> None:
    flat = torch.zeros(2, LAYOUT.size, dtype=torch.float64)
    first = _stack([GradientNoise()] * 2, [5, 6]).transform(flat.clone(), 3)
    other_pack = _stack([GradientNoise()] * 2, [6, 7])
    other_pack.transform(flat.clone(), 0)
    second = other_pack.transform(flat.clone(), 3)
    assert torch.equal(first[1], second[0])
    assert not torch.equal(first[0], first[1])
    assert not torch.equal(second[0], other_pack.transform(flat.clone(), 4)[0])


def test_noise_of_no_variance_changes_nothing() -> None:
    flat = _draw(2)
    assert torch.equal(_transform(GradientNoise(eta=0.0), flat), flat)


@shows("invariant", of=KINDS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
@given(kept=st.sets(st.integers(0, 3), min_size=1))
def test_members_that_stay_never_notice_those_that_leave(kind: GradientKind, kept: set[int]) -> None:
    rows = sorted(kept)
    together, never = _stack([kind] * 4), _stack([kind] * len(rows), rows)
    together.transform(_draw(4), 0)
    never.transform(_draw(4)[rows], 0)
    together.keep(torch.tensor(rows))
    assert torch.equal(together.transform(_draw(4, 1)[rows], 1), never.transform(_draw(4, 1)[rows], 1))


@shows("nan", "infinity", of=KINDS)
@pytest.mark.parametrize("broken", [math.nan, math.inf])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_broken_entry_stays_broken_and_leaves_other_members_alone(
    kind: GradientKind, broken: float
) -> None:
    flat = _draw(2)
    flat[0, 7] = broken
    transformed = _transform(kind, flat)
    assert not transformed[0, 7].isfinite()
    assert transformed[1].isfinite().all()


@shows("zero", of=[Centralisation, UpdateEma])
@pytest.mark.parametrize("kind", [Centralisation(), UpdateEma()], ids=lambda kind: kind.kind)
def test_a_gradient_of_zero_stays_zero(kind: GradientKind) -> None:
    assert _transform(kind, torch.zeros(1, LAYOUT.size, dtype=torch.float64)).abs().max() == 0


@shows("zero", of=[ConstantOffset])
def test_a_gradient_of_zero_becomes_the_constant() -> None:
    moved = _transform(ConstantOffset(epsilon=0.25), torch.zeros(1, LAYOUT.size, dtype=torch.float64))
    assert (moved == 0.25).all()


@shows("empty", of=KINDS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_no_members_is_no_work(kind: GradientKind) -> None:
    transform = _stack([kind])
    transform.keep(torch.tensor([], dtype=torch.int64))
    assert transform.transform(_draw(1)[:0], 0).shape == (0, LAYOUT.size)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_kind_is_found_by_its_name(kind: GradientKind) -> None:
    assert TypeAdapter(GradientConfig).validate_python(kind.model_dump()) == kind


def test_impossible_parameters_are_refused() -> None:
    with pytest.raises(ValidationError, match="gamma"):
        UpdateEma(gamma=1.0)
    with pytest.raises(ValidationError, match="eta"):
        GradientNoise(eta=-0.1)
    with pytest.raises(ValidationError, match="epsilon"):
        ConstantOffset(epsilon=math.nan)

"""What holds for every regulariser: members apart, no strength no change, and broken numbers."""

import math
from collections.abc import Sequence

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.regularisers.harness import images, stack
from trainers.catalogue import alternatives
from trainers.data import DataShape
from trainers.regularisers import (
    L1,
    L2,
    Cutout,
    Dropout,
    GradientPenalty,
    InputNoise,
    LabelSmoothing,
    Mixup,
    RegulariserBase,
    RegulariserConfig,
    Shift,
    StackedRegulariser,
)

KINDS: list[RegulariserBase] = [kind() for kind in alternatives(RegulariserConfig)]
WITHOUT_STRENGTH: list[RegulariserBase] = [
    L1(weight=0), L2(weight=0), Dropout(rate=0), LabelSmoothing(weight=0), GradientPenalty(weight=0),
    InputNoise(std=0), Shift(pixels=0), Mixup(share=0),
]  # fmt: skip
LEAVES_ZEROS = [L1(), L2(), Dropout(), GradientPenalty(), Shift(), Cutout(), Mixup()]
B, P = 5, 6
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)


def effects(regulariser: StackedRegulariser, step: int, inputs: Tensor, params: Tensor) -> list[Tensor]:
    """What every hook gives for images (K, B, 1, H, W) and parameters (K, P), each with leading K."""
    K = len(inputs)
    targets = torch.arange(B).remainder(5).expand(K, B)
    batch = regulariser.batch(inputs, targets, step)
    hidden = regulariser.activation("dense1", inputs.flatten(2), step)
    found = [*batch, hidden, regulariser.gradient(params.clone(), params)]
    leaf = inputs.detach().requires_grad_()
    penalty = regulariser.penalty(leaf.square().flatten(1).sum(dim=1), leaf)
    return [*found, *([] if penalty is None else [penalty])]


def members(seeds: Sequence[int], size: int = 8) -> tuple[Tensor, Tensor]:
    """Images and parameters of the members `seeds`, out of four."""
    draws = torch.Generator().manual_seed(1)
    params = torch.randn(4, P, generator=draws, dtype=torch.float64)
    return images(4, B, size)[list(seeds)], params[list(seeds)]


@shows("invariant", of=KINDS)
@every_kind
@given(kept=st.sets(st.integers(0, 3), min_size=1), step=st.integers(0, 10**6))
def test_members_that_stay_never_notice_those_that_leave(
    kind: RegulariserBase, kept: set[int], step: int
) -> None:
    rows = sorted(kept)
    together, everyone = stack([kind] * 4), members(range(4))
    expected = effects(together, step, *everyone)
    together.keep(torch.tensor(rows))
    for after, before in zip(effects(together, step, *members(rows)), expected, strict=True):
        torch.testing.assert_close(after, before[rows], rtol=0, atol=0)


@pytest.mark.parametrize("kind", WITHOUT_STRENGTH, ids=lambda kind: kind.kind)
@given(step=st.integers(0, 10**6))
def test_a_regulariser_without_strength_changes_nothing(kind: RegulariserBase, step: int) -> None:
    inputs, params = members(range(2))
    found_inputs, targets, hidden, gradient, *penalty = effects(stack([kind] * 2), step, inputs, params)
    assert torch.equal(found_inputs, inputs)
    assert torch.equal(hidden, inputs.flatten(2))
    assert torch.equal(gradient, params)
    classes = targets.argmax(dim=2) if targets.is_floating_point() else targets
    assert torch.equal(classes, torch.arange(B).remainder(5).expand(2, B))
    assert all((value == 0).all() for value in penalty)


@shows("nan", "infinity", of=KINDS)
@pytest.mark.parametrize("broken", [math.nan, math.inf])
@every_kind
def test_a_broken_number_stays_with_its_member(kind: RegulariserBase, broken: float) -> None:
    inputs, params = members(range(2))
    expected = effects(stack([kind] * 2), 3, inputs, params)
    inputs[0, :, 0, 4, 4], params[0, 2] = broken, broken
    for found, sound in zip(effects(stack([kind] * 2), 3, inputs, params), expected, strict=True):
        assert torch.equal(found[1], sound[1])


@pytest.mark.parametrize("broken", [math.nan, math.inf])
@every_kind
def test_what_is_broken_shows(kind: RegulariserBase, broken: float) -> None:
    inputs, params = members([0])
    inputs.fill_(broken)
    params.fill_(broken)
    found_inputs, _, hidden, gradient, *penalty = effects(stack([kind]), 3, inputs, params)
    for values in (found_inputs, hidden, gradient, *penalty):
        assert not values.isfinite().all()


@shows("zero", of=LEAVES_ZEROS)
@pytest.mark.parametrize("kind", LEAVES_ZEROS, ids=lambda kind: kind.kind)
def test_zeros_stay_zeros(kind: RegulariserBase) -> None:
    zeros = torch.zeros(2, B, 1, 8, 8, dtype=torch.float64)
    found_inputs, _, hidden, gradient, *penalty = effects(
        stack([kind] * 2), 3, zeros, torch.zeros(2, P, dtype=torch.float64)
    )
    for values in (found_inputs, hidden, gradient, *penalty):
        assert (values == 0).all()


@shows("zero", of=[InputNoise, LabelSmoothing])
def test_zeros_become_noise_and_soft_targets() -> None:
    zeros, params = torch.zeros(2, B, 1, 8, 8, dtype=torch.float64), torch.zeros(2, P, dtype=torch.float64)
    noisy = effects(stack([InputNoise(std=0.5)] * 2), 3, zeros, params)[0]
    assert 0.3 < noisy.std() < 0.7
    soft = effects(stack([LabelSmoothing(weight=0.5)] * 2), 3, zeros, params)[1]
    torch.testing.assert_close(soft.sum(dim=2), torch.ones(2, B, dtype=torch.float64))
    assert soft.min() == 0.1


@shows("empty", of=KINDS)
@every_kind
def test_no_members_is_no_work(kind: RegulariserBase) -> None:
    regulariser = stack([kind])
    regulariser.keep(torch.tensor([], dtype=torch.int64))
    for found in effects(regulariser, 0, *members([])):
        assert len(found) == 0


@every_kind
def test_a_kind_is_found_by_its_name(kind: RegulariserBase) -> None:
    assert TypeAdapter(RegulariserConfig).validate_python(kind.model_dump()) == kind


IMAGES, SERIES = DataShape((1, 8, 8), 10, 100), DataShape((5, 2), 1, 100, task="regression")
TOKENS = DataShape((6,), 5, 100, task="language", num_tokens=5)
BOXES = DataShape((1, 8, 8), 14, 100, task="detection")
FITS: dict[str, list[DataShape]] = {
    "l1": [IMAGES, SERIES, TOKENS, BOXES],
    "l2": [IMAGES, SERIES, TOKENS, BOXES],
    "dropout": [IMAGES, SERIES, TOKENS, BOXES],
    "label_smoothing": [IMAGES, TOKENS],
    "gradient_penalty": [IMAGES, SERIES, BOXES],
    "input_noise": [IMAGES, SERIES, BOXES],
    "shift": [IMAGES],
    "cutout": [IMAGES, BOXES],
    "mixup": [IMAGES, SERIES],
}


@every_kind
def test_a_kind_says_which_data_it_is_not_made_for(kind: RegulariserBase) -> None:
    for shape in (IMAGES, SERIES, TOKENS, BOXES):
        assert (kind.unfit(shape) is None) == (shape in FITS[kind.kind])

"""Each regulariser against its formula, for members that differ, and its draws."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.trainers.aspects import shows
from tests.trainers.regularisers.harness import Classes, images, stack
from tests.trainers.trials import train, trial
from trainers.errors import ConfigError
from trainers.losses import cross_entropies
from trainers.regularisers import (
    L1,
    L2,
    Cutout,
    Dropout,
    GradientPenalty,
    InputNoise,
    LabelSmoothing,
    Mixup,
    Shift,
)

CLASSES = torch.tensor([[0, 1, 4], [2, 2, 3]])


def rows(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64).unsqueeze(1)


@shows("reference", of=[L1, L2])
def test_l1_adds_the_sign_and_l2_the_weights() -> None:
    params = torch.tensor([[1.0, -2.0, 0.0], [3.0, -1.0, 5.0]], dtype=torch.float64)
    weights = rows(0.1, 0.5)
    flat = torch.ones_like(params)
    l1 = stack([L1(weight=0.1), L1(weight=0.5)], 3).gradient(flat.clone(), params)
    l2 = stack([L2(weight=0.1), L2(weight=0.5)], 3).gradient(flat.clone(), params)
    torch.testing.assert_close(l1, flat + weights * params.sign())
    torch.testing.assert_close(l2, flat + weights * params)


def test_coupled_l2_is_the_weight_decay_of_sgd() -> None:
    ours = train([trial(regularisers=[{"kind": "l2", "weight": 0.01}], dtype="float64", report_every=1)])[0]
    decay = {"kind": "sgd", "lr": 0.1, "weight_decay": 0.01}
    theirs = train([trial(optimizer=decay, dtype="float64", report_every=1)])[0]
    np.testing.assert_allclose(
        ours.curves.scalars["train_loss"], theirs.curves.scalars["train_loss"], rtol=1e-10
    )


@shows("reference", of=[LabelSmoothing])
def test_label_smoothing_is_that_of_torch() -> None:
    logits = torch.randn(2, 3, 5, dtype=torch.float64)
    weights = (0.0, 0.3)
    _, soft = stack([LabelSmoothing(weight=w) for w in weights]).batch(logits, CLASSES, 0)
    found = cross_entropies(logits, soft)
    for k, weight in enumerate(weights):
        expected = functional.cross_entropy(logits[k], CLASSES[k], label_smoothing=weight)
        torch.testing.assert_close(found[k], expected)


@shows("reference", of=[Dropout])
def test_dropout_keeps_the_mean_and_drops_each_members_share() -> None:
    dropout = stack([Dropout(rate=0.0), Dropout(rate=0.5), Dropout(rate=0.9)])
    values = torch.ones(3, 100, 100, dtype=torch.float64)
    dropped = dropout.activation("dense1", values, step=3)
    shares = (dropped == 0).double().mean(dim=(1, 2))
    torch.testing.assert_close(shares, torch.tensor([0.0, 0.5, 0.9]).double(), atol=0.02, rtol=0)
    torch.testing.assert_close(dropped.mean(dim=(1, 2)), torch.ones(3).double(), atol=0.05, rtol=0)
    torch.testing.assert_close(dropout.activation("dense1", values, step=3), dropped, rtol=0, atol=0)
    assert not torch.equal(dropout.activation("dense1", values, step=4), dropped)


@shows("reference", of=[GradientPenalty])
def test_the_gradient_penalty_is_the_mean_squared_slope_of_each_examples_loss() -> None:
    torch.manual_seed(0)
    inputs = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 3, 1, dtype=torch.float64, requires_grad=True)
    losses = torch.tanh(inputs @ weight).square().squeeze(2)  # (K, B), one for each example
    found = stack([GradientPenalty(weight=0.1), GradientPenalty(weight=2.0)]).penalty(
        losses.mean(dim=1), inputs
    )
    assert found is not None
    for k, factor in enumerate((0.1, 2.0)):
        slopes = [torch.autograd.grad(losses[k, i], [inputs], retain_graph=True)[0][k, i] for i in range(4)]
        torch.testing.assert_close(found[k], factor * torch.stack(slopes).square().sum(dim=1).mean())
    assert torch.autograd.grad(found.sum(), [weight])[0].abs().sum() > 0


@shows("reference", of=[InputNoise])
def test_input_noise_has_each_members_deviation() -> None:
    inputs = torch.zeros(1, 50, 100, dtype=torch.float64)
    noisy, _ = stack([InputNoise(std=0.0), InputNoise(std=0.5)]).batch(inputs, CLASSES, 0)
    torch.testing.assert_close(noisy.std(dim=(1, 2)), torch.tensor([0.0, 0.5]).double(), atol=0.02, rtol=0)


@shows("reference", of=[Shift])
def test_a_shift_moves_every_pixel_by_the_same_distance() -> None:
    before = images(2, B=20)
    after, _ = stack([Shift(pixels=2)] * 2).batch(before, CLASSES, 0)
    seen = set()
    for k in range(2):
        for b in range(20):
            matches = [
                (dy, dx)
                for dy in range(-2, 3)
                for dx in range(-2, 3)
                if torch.equal(after[k, b, 0], _moved(before[k, b, 0], dy, dx))
            ]
            assert len(matches) == 1
            seen |= set(matches)
    assert len(seen) > 10


def _moved(image: Tensor, dy: int, dx: int) -> Tensor:
    padded = functional.pad(image, (2, 2, 2, 2))
    return padded[2 + dy : 10 + dy, 2 + dx : 10 + dx]


@shows("reference", of=[Cutout])
def test_cutout_blanks_one_square() -> None:
    before = images(2, B=20, size=12)
    after, _ = stack([Cutout(pixels=4)] * 2).batch(before, CLASSES, 0)
    hidden = after == 0
    assert torch.equal(after[~hidden], before[~hidden])
    assert hidden.flatten(2).sum(dim=2).max() == 16
    for mask in hidden.flatten(0, 1).squeeze(1):
        height, width = int(mask.any(dim=1).sum()), int(mask.any(dim=0).sum())
        assert height * width == mask.sum()


@shows("reference", of=[Mixup])
def test_mixup_mixes_inputs_and_targets_alike() -> None:
    inputs = functional.one_hot(CLASSES, 5).double()
    mixed, targets = stack([Mixup(), Mixup(share=0.0)]).batch(inputs, CLASSES, 0)
    torch.testing.assert_close(mixed, targets)
    assert not torch.equal(mixed[0], inputs[0])
    torch.testing.assert_close(mixed[1], inputs[1])
    torch.testing.assert_close(mixed.sum(dim=2), torch.ones(2, 3).double())


def test_mixup_of_numbers_keeps_them_numbers() -> None:
    workload = Classes([1.0])
    workload.num_classes = None  # type: ignore[assignment]
    mixup = Mixup.stack([Mixup()], workload, torch.zeros(1, 3, dtype=torch.float64), [0])
    inputs = torch.rand(1, 3, 2, dtype=torch.float64)
    mixed, targets = mixup.batch(inputs, inputs * 2, 0)
    torch.testing.assert_close(targets, mixed * 2)


@pytest.mark.parametrize("kind", [Shift(), Cutout()])
def test_augmentations_of_images_refuse_other_inputs(kind: Any) -> None:
    with pytest.raises(ConfigError, match="needs images"):
        stack([kind]).batch(torch.zeros(1, 3, 4), CLASSES, 0)


@pytest.mark.parametrize("kind", [InputNoise(), Mixup()])
def test_augmentations_of_numbers_refuse_tokens(kind: Any) -> None:
    with pytest.raises(ConfigError, match="not tokens"):
        stack([kind]).batch(torch.zeros(1, 3, 4, dtype=torch.int64), CLASSES, 0)


ALL: list[dict[str, Any]] = [
    {"kind": "l1", "weight": 1e-4},
    {"kind": "l2", "weight": 1e-3},
    {"kind": "dropout", "rate": 0.2},
    {"kind": "label_smoothing", "weight": 0.1},
    {"kind": "gradient_penalty", "weight": 0.01},
    {"kind": "input_noise", "std": 0.1},
    {"kind": "shift", "pixels": 1},
    {"kind": "cutout", "pixels": 2},
    {"kind": "mixup"},
]


@pytest.mark.parametrize("regulariser", ALL, ids=lambda kind: kind["kind"])
@pytest.mark.parametrize("batch_size", [16, "full"])
def test_a_regularised_member_does_not_depend_on_its_pack(
    regulariser: dict[str, Any], batch_size: Any
) -> None:
    trials = [
        trial(
            number,
            seed=number,
            regularisers=[regulariser],
            batch_size=batch_size,
            dtype="float64",
            steps=6,
            report_every=1,
        )
        for number in range(3)
    ]
    for packed, solo in zip(train(trials, stack_size=3), train(trials, stack_size=1), strict=True):
        np.testing.assert_allclose(
            packed.curves.scalars["train_loss"], solo.curves.scalars["train_loss"], rtol=1e-9
        )


def test_regularisers_can_be_combined() -> None:
    (record,) = train([trial(regularisers=ALL, dtype="float64", steps=50)])
    assert record.verdict.outcome in ("stable", "stalled")
    assert record.final["nonfinite"] == 0.0

"""Optimizers that torch does not have agree with their papers' formulas in plain NumPy float64."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.trainers.aspects import shows
from tests.trainers.optimizers.harness import LAYOUT, gradient, start, train_stacked
from trainers.optimizers import Adam, AdamW, Gadam, Lion, Optimizer, StableAdamW

NUM_STEPS = 30
Row = NDArray[np.float64]
Step = Callable[[Row, Row, int], Row]
"""Parameters (P,), gradient (P,) and step from 1 to the next parameters."""


def _lion(optimizer: Lion) -> Step:
    mean: Row = np.zeros(LAYOUT.size)

    def step(params: Row, grads: Row, t: int) -> Row:
        nonlocal mean
        direction = np.sign(optimizer.beta1 * mean + (1 - optimizer.beta1) * grads)
        mean = optimizer.beta2 * mean + (1 - optimizer.beta2) * grads
        return np.asarray(params - optimizer.lr * (direction + optimizer.weight_decay * params))

    return step


def _stable_adamw(optimizer: StableAdamW) -> Step:
    mean: Row = np.zeros(LAYOUT.size)
    square: Row = np.zeros(LAYOUT.size)

    def step(params: Row, grads: Row, t: int) -> Row:
        nonlocal mean, square
        b1, b2 = optimizer.beta1, optimizer.beta2
        debiased1, debiased2 = (b * (1 - b ** (t - 1)) / (1 - b**t) for b in (b1, b2))
        mean = debiased1 * mean + (1 - debiased1) * grads
        square = debiased2 * square + (1 - debiased2) * grads**2
        out = params.copy()
        for first, stop in LAYOUT.bounds:
            part = slice(first, stop)
            rms = np.sqrt(np.mean(grads[part] ** 2 / np.maximum(square[part], optimizer.eps**2)))
            rate = optimizer.lr / max(1.0, rms)
            out[part] -= rate * optimizer.weight_decay * params[part]
            out[part] -= rate * mean[part] / (np.sqrt(square[part]) + optimizer.eps)
        return out

    return step


def _frozen_adam(optimizer: Adam | AdamW) -> Step:
    mean: Row = np.zeros(LAYOUT.size)
    squares: list[Row] = []

    def step(params: Row, grads: Row, t: int) -> Row:
        nonlocal mean
        decayed = optimizer.weight_decay * params
        if isinstance(optimizer, Adam):
            grads = grads + decayed
        b1, b2 = optimizer.beta1, optimizer.beta2
        mean = b1 * mean + (1 - b1) * grads
        squares.append(grads**2)
        seen = squares[: optimizer.frozen_after]
        weights = b2 ** np.arange(len(seen))[::-1]
        root = np.sqrt(weights @ np.stack(seen) / weights.sum())  # the weighted mean of the first squares
        change = mean / (1 - b1**t) / (root + optimizer.eps)
        if isinstance(optimizer, AdamW):
            change = change + decayed
        return np.asarray(params - optimizer.lr * change)

    return step


PACKS: list[tuple[list[Optimizer], Callable[..., Step]]] = [
    ([Lion(lr=0.01), Lion(lr=0.1, beta1=0.5, beta2=0.8, weight_decay=0.1)], _lion),
    (
        [
            StableAdamW(lr=0.01),
            StableAdamW(lr=0.1, beta1=0.5, beta2=0.999, weight_decay=0.0),
            StableAdamW(lr=0.1, eps=0.5),
        ],
        _stable_adamw,
    ),
    ([Adam(lr=0.01, frozen_after=1), Adam(lr=0.1, weight_decay=0.1, frozen_after=1)], _frozen_adam),
    (
        [AdamW(lr=0.01, frozen_after=7), AdamW(lr=0.1, beta1=0.5, beta2=0.8, eps=0.1, frozen_after=7)],
        _frozen_adam,
    ),
]


@shows("reference", of=[pack[0] for pack, _ in PACKS])
@pytest.mark.parametrize(("pack", "formula"), PACKS, ids=[pack[0].kind for pack, _ in PACKS])
def test_every_member_follows_the_formula(pack: list[Optimizer], formula: Callable[..., Step]) -> None:
    params = start(len(pack))
    history = train_stacked(pack, NUM_STEPS, params)
    for member, optimizer in enumerate(pack):
        step, row = formula(optimizer), params[member].numpy().copy()
        for t, mine in enumerate(history):
            row = step(row, gradient(torch.from_numpy(row), t, member).numpy(), t + 1)
            np.testing.assert_allclose(mine[member].numpy(), row, rtol=1e-12, atol=1e-12)


@shows("reference", of=[Gadam])
def test_the_average_of_the_tail_is_evaluated() -> None:
    pack = [Gadam(lr=0.1, average_after=4), Gadam(lr=0.01, average_after=4)]
    params = start(2)
    history = train_stacked(pack, 12, params)
    stacked = Gadam.stack(pack, LAYOUT, params)
    held = [params, *history]
    for step in range(12):
        stacked.update(held[step], torch.ones_like(params), torch.ones(2, 1, dtype=torch.float64), step)
        evaluated = stacked.evaluation_params(held[step + 1])
        tail = held[5 : step + 2] or [held[step + 1]]
        torch.testing.assert_close(evaluated, torch.stack(tail).mean(dim=0), rtol=1e-12, atol=1e-12)


def test_averaging_leaves_the_training_of_adamw_alone() -> None:
    averaged = train_stacked([Gadam(lr=0.1, average_after=2)], 10, start(1))
    plain = train_stacked([AdamW(lr=0.1)], 10, start(1))
    for mine, theirs in zip(averaged, plain, strict=True):
        assert torch.equal(mine, theirs)


def test_a_preconditioner_that_freezes_after_the_last_update_never_freezes() -> None:
    frozen = train_stacked([AdamW(lr=0.1, frozen_after=10)], 10, start(1))
    plain = train_stacked([AdamW(lr=0.1)], 10, start(1))
    assert all(torch.equal(mine, theirs) for mine, theirs in zip(frozen, plain, strict=True))

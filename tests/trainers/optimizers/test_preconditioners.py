"""The preconditioner that an optimizer names is the one that it divides by."""

import numpy as np
import pytest
import torch

from tests.trainers.optimizers.harness import LAYOUT, gradient, start
from trainers.catalogue import alternatives
from trainers.optimizers import Adam, Optimizer, OptimizerConfig

DIVIDING = {"adam", "adamw", "nadam", "radam", "gadam", "stable_adamw", "rmsprop", "adagrad", "adadelta"}
CLASSES = list(alternatives(OptimizerConfig))


def kind_of(optimizer: type[Optimizer]) -> str:
    return str(optimizer.model_fields["kind"].default)


@pytest.mark.parametrize("optimizer", CLASSES, ids=kind_of)
def test_a_steady_gradient_is_divided_by_it(optimizer: type[Optimizer]) -> None:
    params, lr = start(2), torch.tensor([[0.1], [0.2]], dtype=torch.float64)
    stacked = optimizer.stack(
        [optimizer.model_validate({"lr": 1.0, "weight_decay": 0.0})] * 2, LAYOUT, params
    )
    grads = torch.sin(torch.arange(1.0, 1 + params.numel(), dtype=torch.float64)).view_as(params)
    for step in range(300):
        delta = stacked.update(params, grads.clone(), lr, step)
    P = stacked.preconditioner()
    assert (P is not None) == (kind_of(optimizer) in DIVIDING)
    if P is not None:
        np.testing.assert_allclose(delta * P, -lr * grads, rtol=0.02)


@pytest.mark.parametrize("optimizer", CLASSES, ids=kind_of)
def test_before_the_first_gradient_there_is_none(optimizer: type[Optimizer]) -> None:
    stacked = optimizer.stack([optimizer(lr=0.1)] * 2, LAYOUT, start(2))
    P = stacked.preconditioner()
    assert P is None or P.isnan().all()


def test_that_of_adam_is_what_the_paper_says() -> None:
    config = Adam(lr=0.01, beta1=0.8, beta2=0.95, eps=1e-3)
    stacked = Adam.stack([config], LAYOUT, start(1))
    grads = torch.randn(7, LAYOUT.size, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    square = np.zeros(LAYOUT.size)
    for step, grad in enumerate(grads):
        stacked.update(start(1), grad.unsqueeze(0).clone(), torch.tensor([[0.01]]).double(), step)
        square = 0.95 * square + 0.05 * grad.numpy() ** 2
    expected = (1 - 0.8**7) * (np.sqrt(square / (1 - 0.95**7)) + 1e-3)
    np.testing.assert_allclose(stacked.preconditioner()[0], expected, rtol=1e-12)


def test_asking_for_it_changes_no_update() -> None:
    for optimizer in CLASSES:
        histories = []
        for asks in (False, True):
            params, lr = start(1), torch.tensor([[0.1]], dtype=torch.float64)
            stacked = optimizer.stack([optimizer(lr=0.1)], LAYOUT, params)
            for step in range(5):
                params = params + stacked.update(params, gradient(params[0], step).unsqueeze(0), lr, step)
                if asks:
                    stacked.preconditioner()
            histories.append(params)
        assert torch.equal(*histories)

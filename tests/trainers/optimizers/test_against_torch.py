"""Every optimizer that torch has agrees with torch's, step for step, alone and in a mixed pack."""

from collections.abc import Callable

import pytest
import torch

from tests.trainers.aspects import shows
from tests.trainers.optimizers.harness import (
    LAYOUT,
    TorchOptimizer,
    start,
    train_stacked,
    train_with_torch,
)
from trainers.layer_rates import rate_factors
from trainers.optimizers import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Momentum,
    NAdam,
    Nesterov,
    Optimizer,
    RAdam,
    RMSprop,
)

NUM_STEPS = 25
Pair = tuple[Optimizer, TorchOptimizer]


def _sgd(optimizer: SGD) -> TorchOptimizer:
    names = ("lr", "momentum", "dampening", "weight_decay", "nesterov")
    return lambda params: torch.optim.SGD(params, **optimizer.model_dump(include=set(names)))


def _adagrad(optimizer: Adagrad) -> TorchOptimizer:
    return lambda params: torch.optim.Adagrad(
        params,
        initial_accumulator_value=optimizer.initial_sum,
        **optimizer.model_dump(include={"lr", "lr_decay", "eps", "weight_decay"}),
    )


def _same_names(torch_class: Callable[..., torch.optim.Optimizer], optimizer: Optimizer) -> TorchOptimizer:
    return lambda params: torch_class(params, **optimizer.model_dump(exclude={"kind"}))


def _adam(
    torch_class: Callable[..., torch.optim.Optimizer], optimizer: Adam | AdamW | NAdam | RAdam, **more: float
) -> TorchOptimizer:
    return lambda params: torch_class(
        params,
        lr=optimizer.lr,
        betas=(optimizer.beta1, optimizer.beta2),
        eps=optimizer.eps,
        weight_decay=optimizer.weight_decay,
        **more,
    )


PLAIN = [SGD(lr=0.1), SGD(lr=0.03, weight_decay=0.1)]
DAMPED = [
    SGD(lr=0.1),
    SGD(lr=0.05, momentum=0.9),
    SGD(lr=0.05, momentum=0.5, dampening=0.3, weight_decay=0.01),
    SGD(lr=0.05, dampening=0.3),
]
LOOKING_AHEAD = [
    SGD(lr=0.05, momentum=0.9, nesterov=True),
    SGD(lr=0.01, momentum=0.5, nesterov=True, weight_decay=0.1),
]
ADAMS = [Adam(lr=0.01), Adam(lr=0.3, beta1=0.0, beta2=0.9, eps=1e-3), Adam(lr=0.1, weight_decay=0.2)]
ADAMWS = [AdamW(lr=0.01), AdamW(lr=0.3, beta1=0.5, beta2=0.9), AdamW(lr=0.1, weight_decay=0.0)]
NADAMS = [
    NAdam(lr=0.01),
    NAdam(lr=0.3, beta1=0.5, beta2=0.9, momentum_decay=0.1),
    NAdam(lr=0.1, weight_decay=0.2),
]
RADAMS = [
    RAdam(lr=0.01),
    RAdam(lr=0.1, beta1=0.5, beta2=0.9, weight_decay=0.1),
    RAdam(lr=0.1, beta2=0.99, eps=1e-2),
]
RMSPROPS = [
    RMSprop(lr=0.01),
    RMSprop(lr=0.1, alpha=0.5, momentum=0.9),
    RMSprop(lr=0.1, eps=0.1, weight_decay=0.3),
]
CENTRED = [RMSprop(lr=0.01, centered=True), RMSprop(lr=0.1, centered=True, momentum=0.5)]
ADAGRADS = [
    Adagrad(lr=0.1),
    Adagrad(lr=0.1, lr_decay=0.1, weight_decay=0.1),
    Adagrad(lr=1.0, initial_sum=2.0),
]
ADADELTAS = [Adadelta(lr=1.0), Adadelta(lr=0.1, rho=0.5, eps=1e-3, weight_decay=0.1)]
PACKS: dict[str, list[Pair]] = {
    "plain sgd": [(o, _sgd(o)) for o in PLAIN],
    "sgd with momentum and dampening": [(o, _sgd(o)) for o in DAMPED],
    "sgd with nesterov": [(o, _sgd(o)) for o in LOOKING_AHEAD],
    "momentum": [
        (Momentum(lr=0.05), _sgd(SGD(lr=0.05, momentum=0.9))),
        (Momentum(lr=0.1, momentum=0.0), _sgd(SGD(lr=0.1))),
    ],
    "nesterov": [
        (Nesterov(lr=0.05), _sgd(SGD(lr=0.05, momentum=0.9, nesterov=True))),
        (
            Nesterov(lr=0.1, momentum=0.3, weight_decay=0.1),
            _sgd(SGD(lr=0.1, momentum=0.3, nesterov=True, weight_decay=0.1)),
        ),
    ],
    "adam": [(o, _adam(torch.optim.Adam, o)) for o in ADAMS],
    "adamw": [(o, _adam(torch.optim.AdamW, o)) for o in ADAMWS],
    "nadam": [(o, _adam(torch.optim.NAdam, o, momentum_decay=o.momentum_decay)) for o in NADAMS],
    "radam": [(o, _adam(torch.optim.RAdam, o)) for o in RADAMS],
    "rmsprop": [(o, _same_names(torch.optim.RMSprop, o)) for o in RMSPROPS],
    "centred rmsprop": [(o, _same_names(torch.optim.RMSprop, o)) for o in CENTRED],
    "adagrad": [(o, _adagrad(o)) for o in ADAGRADS],
    "adadelta": [(o, _same_names(torch.optim.Adadelta, o)) for o in ADADELTAS],
}
ALONE = [(name, pair) for name, pack in PACKS.items() for pair in pack]


@shows("reference", of=[optimizer for _, (optimizer, _) in ALONE])
@pytest.mark.parametrize(("name", "pair"), ALONE, ids=[name for name, _ in ALONE])
def test_an_optimizer_alone_takes_the_steps_of_torch(name: str, pair: Pair) -> None:
    optimizer, make = pair
    params = start(1)
    ours = train_stacked([optimizer], NUM_STEPS, params)
    theirs = train_with_torch(make, NUM_STEPS, params[0])
    for step, (mine, reference) in enumerate(zip(ours, theirs, strict=True)):
        torch.testing.assert_close(mine[0], reference, rtol=1e-12, atol=1e-12, msg=f"{name}, step {step}")


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())
def test_every_member_of_a_mixed_pack_takes_the_steps_of_torch(pack: list[Pair]) -> None:
    params = start(len(pack))
    ours = train_stacked([optimizer for optimizer, _ in pack], NUM_STEPS, params)
    for member, (_, make) in enumerate(pack):
        theirs = train_with_torch(make, NUM_STEPS, params[member], member)
        for mine, reference in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine[member], reference, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS.keys())
def test_layers_with_rates_of_their_own_are_parameter_groups_of_torch(pack: list[Pair]) -> None:
    params = start(len(pack))
    rates = [{"output": optimizer.lr * 1.7, "dense1": 0.013} for optimizer, _ in pack]
    rates[0] = {"output": 0.0}
    factors = [
        rate_factors(own, optimizer.lr, LAYOUT) for own, (optimizer, _) in zip(rates, pack, strict=True)
    ]
    ours = train_stacked(
        [optimizer for optimizer, _ in pack],
        NUM_STEPS,
        params,
        torch.stack([row for row in factors if row is not None]),
    )
    for member, (_, make) in enumerate(pack):
        theirs = train_with_torch(make, NUM_STEPS, params[member], member, rates[member])
        for mine, reference in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine[member], reference, rtol=1e-12, atol=1e-12)

import pytest
from torch import nn

from benchmarks.plain_models import PLAIN_MODELS
from benchmarks.roofline import step_flops
from benchmarks.stacking import CASES

BY_NAME = {case.name: case for case in CASES}


def flops(name: str) -> int:
    return step_flops(BY_NAME[name], PLAIN_MODELS[name]())


def weights(name: str) -> int:
    modules = PLAIN_MODELS[name]().modules()
    kinds = (nn.Linear, nn.RNNBase)
    return sum(p.numel() for m in modules if isinstance(m, kinds) for p in m.parameters() if p.dim() > 1)


def test_a_perceptron_makes_two_operations_a_weight_and_example_in_each_of_three_products() -> None:
    # The gradient of the first layer's input is never asked for.
    assert flops("mlp 64-128-64-10") == 64 * (6 * (64 * 128 + 128 * 64 + 64 * 10) - 2 * 64 * 128)


@pytest.mark.parametrize(
    "name", ["rnn 50 units, 50 steps", "gru 50 units, 50 steps", "lstm 50 units, 50 steps"]
)
def test_a_recurrent_network_makes_them_at_every_step(name: str) -> None:
    assert flops(name) == pytest.approx(6 * weights(name) * 64 * 50, rel=0.06)

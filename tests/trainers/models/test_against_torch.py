"""Every model, alone and as a member of a stack, equals the same model in plain torch."""

import torch
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.models.cases import CASES, B, Case, every_model, leaves_of
from trainers.tape import SilentTape

TOLERANCES = {"rtol": 1e-10, "atol": 1e-12}


def expected_of(case: Case, leaves: dict[str, Tensor], inputs: Tensor) -> Tensor:
    K = len(next(iter(leaves.values())))
    inputs = inputs.expand(K, *inputs.shape[1:])
    rows = [{name: leaf[k] for name, leaf in leaves.items()} for k in range(K)]
    return torch.stack([case.reference(row, inputs[k]) for k, row in enumerate(rows)])


def assert_equal(case: Case, K: int, inputs: Tensor) -> None:
    model = case.config.build(case.shape)
    leaves = leaves_of(model, K)
    found = model.forward(leaves, inputs, SilentTape())
    expected = expected_of(case, leaves, inputs)
    torch.testing.assert_close(found, expected, **TOLERANCES)
    slope = torch.randn(expected.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    for name, ours, theirs in zip(
        leaves,
        torch.autograd.grad(found, list(leaves.values()), slope),
        torch.autograd.grad(expected, list(leaves.values()), slope),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, **TOLERANCES, msg=lambda text, name=name: f"{name}: {text}")


@every_model
def test_a_model_alone_equals_torch(case: Case) -> None:
    assert_equal(case, 1, case.inputs(1, B))


@shows("reference", "pack", of=[case.config for case in CASES])
@every_model
def test_every_member_of_a_stack_equals_torch(case: Case) -> None:
    assert_equal(case, 3, case.inputs(3, B))


@every_model
def test_members_may_share_their_inputs(case: Case) -> None:
    assert_equal(case, 3, case.inputs(1, B))


@every_model
def test_curvature_equals_that_of_torch(case: Case) -> None:
    model = case.config.build(case.shape)
    leaves = leaves_of(model, 2)
    inputs = case.inputs(2, B)
    outputs = [model.forward(leaves, inputs, SilentTape()), expected_of(case, leaves, inputs)]
    second = []
    for values in outputs:
        grads = torch.autograd.grad(values.square().sum(), list(leaves.values()), create_graph=True)
        slope = sum(grad.square().sum() for grad in grads)
        second.append(torch.autograd.grad(slope, list(leaves.values()), materialize_grads=True))
    largest = max(float(values.abs().max()) for values in second[1])
    for ours, theirs in zip(*second, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12 * largest)

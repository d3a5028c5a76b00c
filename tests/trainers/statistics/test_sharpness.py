"""Sharpness against the eigenvalues of the whole Hessian."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from trainers.config import WorkloadConfig
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.base import Params
from trainers.statistics.derivatives import Losses
from trainers.statistics.sharpness import sharpness
from trainers.supervised import Supervised
from trainers.tape import SilentTape

DIGITS = {"kind": "digits"}
LINEAR = {"kind": "linear_regression", "d": 4}
CASES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (LINEAR, {"kind": "mlp", "hidden": [5], "activation": "tanh"}),
    (LINEAR, {"kind": "mlp", "hidden": [5, 4], "activation": "gelu", "norm": "layer_norm"}),
    (DIGITS, {"kind": "cnn", "channels": [2], "dense": [4], "activation": "tanh", "pool": 4}),
    (DIGITS, {"kind": "transformer", "width": 4, "heads": 2, "layers": 1, "mlp_ratio": 1}),
    (DIGITS, {"kind": "rnn", "hidden": 4}),
    (DIGITS, {"kind": "lstm", "hidden": 3}),
    (DIGITS, {"kind": "gru", "hidden": 3}),
]  # fmt: skip
EXACT = {"iterations": 1000, "tolerance": 1e-8}


class Case:
    """A small workload with parameters of K members, and the loss of each on 16 examples."""

    def __init__(self, data: dict[str, Any], model: dict[str, Any], K: int) -> None:
        config = WorkloadConfig.model_validate({"data": data, "model": model})
        self.workload = Supervised.build(config, "cpu", torch.float64)
        self.layout = self.workload.layout
        draw = torch.Generator().manual_seed(7)
        self.params = 0.5 * torch.randn(K, self.layout.size, generator=draw, dtype=torch.float64)
        self.inputs, self.targets = self.workload.batch(torch.arange(16).unsqueeze(0))

    def losses(self, params: Params) -> Tensor:
        return self.workload.loss(params, self.inputs, self.targets, SilentTape())

    def hessian(self, member: int) -> Tensor:
        def loss(row: Tensor) -> Tensor:
            return self.losses(self.layout.views(row.unsqueeze(0)))[0]

        return torch.autograd.functional.hessian(loss, self.params[member])


def names(cases: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    return [f"{model['kind']}-{data['kind']}" for data, model in cases]


@pytest.mark.parametrize("K", [1, 3])
@pytest.mark.parametrize(("data", "model"), CASES, ids=names(CASES))
def test_sharpness_is_the_largest_eigenvalue_of_the_hessian(
    data: dict[str, Any], model: dict[str, Any], K: int
) -> None:
    case = Case(data, model, K)
    found = sharpness(case.losses, case.layout, case.params, **EXACT)
    expected = [torch.linalg.eigvalsh(case.hessian(member))[-1].item() for member in range(K)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_it_agrees_with_the_transformed_hessian_of_torch() -> None:
    case = Case(*CASES[0], K=2)

    def loss(row: Tensor) -> Tensor:
        return case.losses(case.layout.views(row.unsqueeze(0)))[0]

    class Plain(torch.nn.Module):
        def forward(self, row: Tensor) -> Tensor:
            first, second = row[:20].view(5, 4), row[25:30].view(1, 5)
            hidden = torch.tanh(case.inputs[0] @ first.T + row[20:25])
            return (hidden @ second.T + row[30:] - case.targets[0]).square().mean()

    plain = Plain()
    for row in case.params:
        assert plain(row).item() == pytest.approx(loss(row).item(), rel=1e-12)
    hessians = [torch.func.hessian(plain)(row) for row in case.params]
    expected = [torch.linalg.eigvalsh(matrix)[-1].item() for matrix in hessians]
    np.testing.assert_allclose(sharpness(case.losses, case.layout, case.params, **EXACT), expected, rtol=1e-6)


def test_the_preconditioned_one_is_the_largest_eigenvalue_of_the_preconditioned_hessian() -> None:
    case = Case(*CASES[1], K=3)
    P = 10.0 ** torch.empty_like(case.params).uniform_(-3, 1, generator=torch.Generator().manual_seed(1))
    found = sharpness(case.losses, case.layout, case.params, P, **EXACT)
    for member in range(3):
        spectrum = torch.linalg.eigvals(case.hessian(member) / P[member].unsqueeze(1))
        assert found[member].item() == pytest.approx(spectrum.real.max().item(), rel=1e-6)


def test_the_usual_iterations_come_within_the_usual_tolerance() -> None:
    for data, model in CASES:
        case = Case(data, model, 2)
        exact = sharpness(case.losses, case.layout, case.params, **EXACT)
        np.testing.assert_allclose(sharpness(case.losses, case.layout, case.params), exact, rtol=2e-3)


LINE = ParameterLayout((ParameterSpec("w", (3,), "weight", "w"),))


def square_times(*factors: float) -> Losses:
    return lambda params: params["w"].new_tensor(factors) * params["w"].square().sum(dim=1)


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        (lambda params: params["w"].sum(dim=1), [0.0, 0.0]),
        (lambda params: params["w"].new_zeros(2, requires_grad=True), [0.0, 0.0]),
        (square_times(-1.0, -2.0), [-2.0, -4.0]),
        (square_times(1.0, torch.nan), [2.0, torch.nan]),
        (square_times(torch.inf, 1.0), [torch.nan, 2.0]),
    ],
    ids=["straight", "constant", "concave", "not a number", "infinite"],
)
def test_losses_without_curvature_or_sense(losses: Losses, expected: list[float]) -> None:
    found = sharpness(losses, LINE, torch.ones(2, 3, dtype=torch.float64))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_preconditioner_of_zero_gives_nan() -> None:
    P = torch.ones(2, 3)
    P[1, 0] = 0.0
    found = sharpness(lambda params: params["w"].square().sum(dim=1), LINE, torch.ones(2, 3), P)
    np.testing.assert_allclose(found, [2.0, np.nan])


def test_parameters_and_their_gradients_are_left_alone() -> None:
    params = torch.ones(2, 3, requires_grad=True)
    sharpness(lambda values: values["w"].square().sum(dim=1), LINE, params)
    assert params.grad is None
    assert params.tolist() == [[1.0] * 3] * 2

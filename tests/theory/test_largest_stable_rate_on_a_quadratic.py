"""The largest stable learning rate on a quadratic, times its largest curvature, is a known number."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from tests.trainers.trials import train, trial
from trainers.bracket import find_edge
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.base import Params, Tape

NUM_EXAMPLES, NUM_INPUTS, NUM_STEPS = 200, 20, 1000


class LinearRegression:
    """Half the mean squared error of a linear model on 200 examples of 20 inputs."""

    num_examples = NUM_EXAMPLES
    num_classes = None
    baseline_loss = None

    def __init__(self) -> None:
        draw = torch.Generator().manual_seed(0)
        self.inputs = torch.randn(NUM_EXAMPLES, NUM_INPUTS, generator=draw, dtype=torch.float64)
        noise = 0.1 * torch.randn(NUM_EXAMPLES, generator=draw, dtype=torch.float64)
        self.targets = self.inputs.sum(dim=1) + noise
        self.layout = ParameterLayout(
            (ParameterSpec("w", (NUM_INPUTS,), "weight", "w", NUM_INPUTS, 1, True),)
        )

    @property
    def largest_curvature(self) -> float:
        """λ_max of the Hessian XᵀX/n."""
        hessian = self.inputs.T @ self.inputs / NUM_EXAMPLES
        return float(torch.linalg.eigvalsh(hessian)[-1])

    def batch(self, indices: Tensor) -> tuple[Tensor, Tensor]:
        return self.inputs[indices], self.targets[indices]

    def loss(self, params: Params, inputs: Tensor, targets: Tensor, tape: Tape) -> Tensor:
        errors = (inputs * params["w"].unsqueeze(1)).sum(dim=2) - targets
        return 0.5 * errors.square().mean(dim=1)

    def evaluate(self, params: Params) -> dict[str, Tensor]:
        return {"eval_loss": self.loss(params, self.inputs.unsqueeze(0), self.targets.unsqueeze(0), None)}  # type: ignore[arg-type]


def edge_times_curvature(optimizer: str, **parameters: float) -> float:
    workload = LinearRegression()
    curvature = workload.largest_curvature

    def are_stable(rates: Sequence[float]) -> list[bool]:
        trials = [
            trial(
                number,
                optimizer={"kind": optimizer, "lr": rate / curvature, **parameters},
                steps=NUM_STEPS,
                batch_size="full",
                dtype="float64",
            )
            for number, rate in enumerate(rates)
        ]
        records = train(trials, stack_size=len(trials), build=lambda *_: workload)
        return [record.verdict.outcome == "stable" for record in records]

    return find_edge(are_stable, 0.5, 8.0, num_points=12, resolution=0.002).middle


@pytest.mark.parametrize(
    ("optimizer", "parameters", "expected"),
    [
        ("sgd", {}, 2.0),
        ("momentum", {"momentum": 0.9}, 3.8),
        ("nesterov", {"momentum": 0.9}, 1.357),
    ],
)
def test_the_edge_is_where_theory_puts_it(
    optimizer: str, parameters: dict[str, float], expected: float
) -> None:
    assert edge_times_curvature(optimizer, **parameters) == pytest.approx(expected, rel=0.01)

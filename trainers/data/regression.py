"""Regression on made-up data, small enough for exact statements about training."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from trainers.data.base import DataConfig, Dataset, DataShape
from trainers.late import torch
from trainers.seeds import generator

if TYPE_CHECKING:
    from torch import Tensor


class LinearRegression(DataConfig):
    """Noisy linear targets of Gaussian inputs: with a linear model, a quadratic loss of known curvature."""

    kind: Literal["linear_regression"] = "linear_regression"
    n: int = Field(200, ge=1, le=1_000_000, description="examples to train on, and as many to evaluate on")
    d: int = Field(20, ge=1, le=100_000, description="input dimension")
    noise: float = Field(0.1, ge=0, description="standard deviation of the targets' noise")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((self.d,), 1, self.n, task="regression")

    def read(self) -> Dataset:
        """Inputs (n, d) from N(0, 1), targets (n, 1) = inputs · w + noise with w from N(0, 1/d)."""
        draws = generator(self.seed, self.kind)
        weights = torch.randn(self.d, 1, generator=draws) / self.d**0.5
        inputs = torch.randn(2 * self.n, self.d, generator=draws)
        targets = inputs @ weights + self.noise * torch.randn(2 * self.n, 1, generator=draws)
        return halves(inputs, targets)


class TeacherStudent(DataConfig):
    """Targets from a random two-layer tanh network, for a student to imitate."""

    kind: Literal["teacher_student"] = "teacher_student"
    source: ClassVar[str] = "Saad and Solla 1995"
    n: int = Field(512, ge=1, le=1_000_000, description="examples to train on, and as many to evaluate on")
    d: int = Field(10, ge=1, le=100_000, description="input dimension")
    width: int = Field(10, ge=1, le=100_000, description="hidden units of the teacher")
    outputs: int = Field(1, ge=1, le=10_000, description="outputs of the teacher")
    noise: float = Field(0.0, ge=0, description="standard deviation of the targets' noise")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((self.d,), self.outputs, self.n, task="regression")

    def read(self) -> Dataset:
        """Inputs (n, d) from N(0, 1), targets (n, outputs) of variance near 1."""
        draws = generator(self.seed, self.kind)
        first = torch.randn(self.d, self.width, generator=draws) / self.d**0.5
        second = torch.randn(self.width, self.outputs, generator=draws) / self.width**0.5
        inputs = torch.randn(2 * self.n, self.d, generator=draws)
        targets = torch.tanh(inputs @ first) @ second
        return halves(inputs, targets + self.noise * torch.randn(targets.shape, generator=draws))


class RandomTargets(DataConfig):
    """Gaussian targets that have nothing to do with their Gaussian inputs: pure memorisation."""

    kind: Literal["random_targets"] = "random_targets"
    source: ClassVar[str] = "arXiv 2402.06184"
    n: int = Field(272, ge=1, le=1_000_000, description="examples, to train and to evaluate on")
    d: int = Field(16, ge=1, le=100_000, description="input dimension")
    seed: int = Field(0, ge=0, lt=2**63, description="of the draw")

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((self.d,), 1, self.n, task="regression")

    def read(self) -> Dataset:
        """Inputs (n, d) and targets (n, 1), all from N(0, 1)."""
        draws = generator(self.seed, self.kind)
        inputs = torch.randn(self.n, self.d, generator=draws)
        targets = torch.randn(self.n, 1, generator=draws)
        return Dataset("regression", inputs, targets, inputs, targets, output_size=1)


class Chebyshev(DataConfig):
    """A Chebyshev polynomial on [−1, 1], on which full-batch training reaches the edge of stability."""

    kind: Literal["chebyshev"] = "chebyshev"
    source: ClassVar[str] = "arXiv 2103.00065"
    n: int = Field(20, ge=1, le=1_000_000, description="points to train on")
    degree: int = Field(4, ge=0, le=100, description="of the polynomial")
    points: Literal["chebyshev", "even"] = Field(
        "chebyshev", description="at the polynomial's nodes cos(π(i − ½)/n), or evenly spaced"
    )

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((1,), 1, self.n, task="regression")

    def read(self) -> Dataset:
        """Inputs (n, 1) and targets T_degree(inputs); evaluated on 101 even points."""
        nodes = torch.cos(pi * (torch.arange(self.n, dtype=torch.float64) + 0.5) / self.n)
        even = torch.linspace(-1, 1, self.n, dtype=torch.float64)
        inputs = (nodes if self.points == "chebyshev" else even).unsqueeze(1)
        eval_inputs = torch.linspace(-1, 1, 101, dtype=torch.float64).unsqueeze(1)
        return Dataset(
            "regression",
            inputs.float(),
            self._values(inputs).float(),
            eval_inputs.float(),
            self._values(eval_inputs).float(),
            output_size=1,
        )

    def _values(self, points: Tensor) -> Tensor:
        return torch.cos(self.degree * torch.arccos(points.clamp(-1, 1)))


class OrGate(DataConfig):
    """The four rows of logical or, as numbers."""

    kind: Literal["or"] = "or"

    def shape(self) -> DataShape:
        """Known without making the data."""
        return DataShape((2,), 1, 4, task="regression")

    def read(self) -> Dataset:
        """Inputs (4, 2) and targets (4, 1), to train and to evaluate on."""
        inputs = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
        targets = torch.tensor([[0.0], [1.0], [1.0], [1.0]])
        return Dataset("regression", inputs, targets, inputs, targets, output_size=1)


def halves(inputs: Tensor, targets: Tensor) -> Dataset:
    """The first half to train on, the second to evaluate on."""
    n = len(inputs) // 2
    return Dataset(
        "regression", inputs[:n], targets[:n], inputs[n:], targets[n:], output_size=targets.shape[1]
    )

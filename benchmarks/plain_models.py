"""The benchmarked models as one would write them in plain torch."""

from collections.abc import Callable
from itertools import pairwise

import torch
from torch import Tensor, nn

PlainModel = nn.Module


def perceptron(*widths: int, activation: type[nn.Module] = nn.ReLU) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for size_in, size_out in pairwise(widths):
        layers += [nn.Linear(size_in, size_out), activation()]
    return nn.Sequential(*layers[:-1])


def convnet(side: int) -> nn.Module:
    left = (side - 2) // 2
    return nn.Sequential(
        nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(32 * left**2, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


class LastStep(nn.Module):
    """A recurrent module and a linear map of its last state."""

    def __init__(self, cell: type[nn.Module]) -> None:
        super().__init__()
        self.cell = cell(2, 50, batch_first=True)
        self.output = nn.Linear(50, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        states, _ = self.cell(inputs)
        return self.output(states[:, -1])


class CausalTransformer(nn.Module):
    """Two blocks of 64 units on sequences of 50 tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(10, 64)
        self.places = nn.Parameter(torch.zeros(50, 64))
        block = nn.TransformerEncoderLayer(
            64, 4, 256, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
        )
        self.blocks = nn.TransformerEncoder(block, 2, norm=nn.LayerNorm(64), enable_nested_tensor=False)
        self.output = nn.Linear(64, 9)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(50))

    def forward(self, inputs: Tensor) -> Tensor:
        stream = self.tokens(inputs) + self.places
        return self.output(self.blocks(stream, self.mask, is_causal=True))


PLAIN_MODELS: dict[str, Callable[[], PlainModel]] = {
    "mlp 64-128-64-10": lambda: perceptron(64, 128, 64, 10),
    "mlp 784-128-64-10": lambda: perceptron(784, 128, 64, 10),
    "mlp 64-512-512-10": lambda: perceptron(64, 512, 512, 10),
    "mlp 1-50-50-1, 20 rows": lambda: perceptron(1, 50, 50, 1),
    "cnn 8×8": lambda: convnet(8),
    "cnn 28×28": lambda: convnet(28),
    "rnn 50 units, 50 steps": lambda: LastStep(nn.RNN),
    "lstm 50 units, 50 steps": lambda: LastStep(nn.LSTM),
    "gru 50 units, 50 steps": lambda: LastStep(nn.GRU),
    "transformer 64 wide, 50 steps": CausalTransformer,
}
"""By the name of the case."""

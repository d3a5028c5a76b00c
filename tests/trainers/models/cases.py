"""One small case of every model, with its data's shape and its reference."""

from dataclasses import dataclass

import pytest
import torch
from torch import Tensor, nn

from tests.trainers.models.references import (
    Reference,
    cnn,
    detector,
    linear_model,
    linear_recurrence,
    mlp,
    qk_norm_transformer,
    recurrent,
    resnet,
    token_linear_model,
    transformer,
)
from trainers.data import DataShape
from trainers.models import Cnn, Detector, Gru, Lstm, Mlp, Model, ModelBase, Resnet, Rnn, Transformer

B = 3


@dataclass(frozen=True)
class Case:
    name: str
    config: ModelBase
    shape: DataShape
    reference: Reference

    def inputs(self, *leading: int) -> Tensor:
        draws = torch.Generator().manual_seed(7)
        size = (*leading, *self.shape.input_shape)
        if self.shape.num_tokens is not None:
            return torch.randint(0, self.shape.num_tokens, size, generator=draws)
        return torch.randn(size, generator=draws, dtype=torch.float64)


FLAT = DataShape((2, 3), 4, 10)
NUMBERS = DataShape((6,), 2, 10, task="regression")
IMAGES = DataShape((2, 9, 8), 4, 10)
BOXES = DataShape((1, 9, 8), 7, 10, task="detection")
SERIES = DataShape((5, 3), 2, 10, task="regression")
TOKENS = DataShape((6,), 3, 10, task="sequence_classification", num_tokens=5)
TEXT = DataShape((6,), 5, 10, task="language", num_tokens=5)

SMALL = {"hidden": 4, "layers": 2}
TINY = {"width": 8, "heads": 2}
WIDTHS = {"hidden": (7, 5)}
CONVS = {"channels": (3, 4), "dense": (5,)}
STAGES = {"channels": (4, 6), "blocks": 2}

CASES = [
    Case("mlp-relu", Mlp(**WIDTHS), FLAT, mlp(nn.ReLU())),
    Case("mlp-tanh", Mlp(**WIDTHS, activation="tanh"), FLAT, mlp(nn.Tanh())),
    Case("mlp-sigmoid", Mlp(**WIDTHS, activation="sigmoid"), FLAT, mlp(nn.Sigmoid())),
    Case("mlp-gelu", Mlp(**WIDTHS, activation="gelu"), FLAT, mlp(nn.GELU())),
    Case("mlp-silu", Mlp(**WIDTHS, activation="silu"), FLAT, mlp(nn.SiLU())),
    Case("mlp-leaky_relu", Mlp(**WIDTHS, activation="leaky_relu"), FLAT, mlp(nn.LeakyReLU())),
    Case("mlp-softplus", Mlp(**WIDTHS, activation="softplus"), FLAT, mlp(nn.Softplus())),
    Case("mlp-linear", Mlp(**WIDTHS, activation="linear"), FLAT, mlp(nn.Identity())),
    Case("mlp-layer_norm", Mlp(**WIDTHS, norm="layer_norm"), FLAT, mlp(nn.ReLU(), "layer_norm")),
    Case("mlp-rms_norm", Mlp(**WIDTHS, norm="rms_norm"), FLAT, mlp(nn.ReLU(), "rms_norm")),
    Case("mlp-no-bias", Mlp(**WIDTHS, bias=False), FLAT, mlp(nn.ReLU())),
    Case(
        "mlp-sigmoid-output",
        Mlp(**WIDTHS, output_activation="sigmoid"),
        FLAT,
        mlp(nn.ReLU(), last=nn.Sigmoid()),
    ),
    Case("linear-model", Mlp(hidden=()), NUMBERS, linear_model),
    Case("linear-model-of-tokens", Mlp(hidden=()), TOKENS, token_linear_model),
    Case("cnn", Cnn(**CONVS, kernel=2), IMAGES, cnn(nn.ReLU())),
    Case("cnn-same-gelu", Cnn(**CONVS, padding="same", activation="gelu"), IMAGES, cnn(nn.GELU(), 1)),
    Case("cnn-same-tanh", Cnn(**CONVS, padding="same", activation="tanh"), IMAGES, cnn(nn.Tanh(), 1)),
    Case("detector", Detector(**CONVS), BOXES, detector),
    Case("resnet", Resnet(**STAGES, groups=2), IMAGES, resnet(2)),
    Case("resnet-no-norm", Resnet(**STAGES, norm="none"), IMAGES, resnet(None)),
    Case("rnn", Rnn(**SMALL), SERIES, recurrent("rnn")),
    Case("rnn-tokens", Rnn(**SMALL), TOKENS, recurrent("rnn", num_tokens=5)),
    Case("rnn-every-step", Rnn(**SMALL), TEXT, recurrent("rnn", every_step=True, num_tokens=5)),
    Case("rnn-image-rows", Rnn(**SMALL), IMAGES, recurrent("rnn")),
    Case("rnn-linear", Rnn(hidden=4, activation="linear"), SERIES, linear_recurrence),
    Case("lstm", Lstm(**SMALL), SERIES, recurrent("lstm")),
    Case("lstm-every-step", Lstm(**SMALL), TEXT, recurrent("lstm", every_step=True, num_tokens=5)),
    Case("gru", Gru(**SMALL), SERIES, recurrent("gru")),
    Case("gru-every-step", Gru(**SMALL), TEXT, recurrent("gru", every_step=True, num_tokens=5)),
    Case("transformer-pre", Transformer(**TINY), TEXT, transformer(True, True, 5)),
    Case("transformer-post", Transformer(**TINY, norm_place="post"), TEXT, transformer(False, True, 5)),
    Case("transformer-last-step", Transformer(**TINY), TOKENS, transformer(True, False, 5)),
    Case("transformer-series", Transformer(**TINY), SERIES, transformer(True, False, None)),
    Case("transformer-qk-norm", Transformer(**TINY, norm="none", qk_norm=True), TEXT, qk_norm_transformer),
]


every_model = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def leaves_of(model: Model, K: int) -> dict[str, Tensor]:
    draws = torch.Generator().manual_seed(K)
    flat = 0.5 * torch.randn(K, model.layout.size, generator=draws, dtype=torch.float64)
    return {name: view.requires_grad_() for name, view in model.layout.views(flat).items()}

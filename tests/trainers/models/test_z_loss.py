"""The z-loss is the mean squared log-partition of each member's logits."""

import torch
from torch import Tensor

from tests.trainers.models.cases import TEXT, TINY, B, Case, leaves_of
from tests.trainers.models.references import transformer
from trainers.models import Transformer
from trainers.tape import TrainingTape


def penalties(z_loss: float) -> tuple[Tensor, list[Tensor]]:
    case = Case("z", Transformer(**TINY, z_loss=z_loss), TEXT, transformer(True, True, 5))
    model, tape = case.config.build(case.shape), TrainingTape([], 0)
    logits = model.forward(leaves_of(model, 3), case.inputs(3, B), tape)
    return logits, tape.penalties


def test_z_loss_penalises_large_log_partitions_of_each_member() -> None:
    logits, (penalty,) = penalties(z_loss=1e-2)
    expected = 1e-2 * logits.exp().sum(dim=-1).log().pow(2).flatten(1).mean(dim=1)
    torch.testing.assert_close(penalty, expected, rtol=1e-12, atol=0)


def test_without_z_loss_nothing_is_penalised() -> None:
    assert penalties(z_loss=0.0)[1] == []

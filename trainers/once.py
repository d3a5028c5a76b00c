"""One trial trained by itself, for its parameters rather than for its curves."""

from dataclasses import dataclass

from torch import Tensor

from trainers.config import TrialConfig
from trainers.device import DTYPES
from trainers.initial import InitialRows
from trainers.loop import StackRun
from trainers.record import TrialRecord
from trainers.stack import Stack
from trainers.supervised import Supervised
from trainers.trial import PackTrial


@dataclass(frozen=True)
class Trained:
    """A trial with what it has become: parameters by name, each of its own shape, as it was evaluated."""

    config: TrialConfig
    record: TrialRecord
    params: dict[str, Tensor]


def train_once(trial: PackTrial, device: str = "cpu") -> Trained:
    """Train from the first step to the last, alone; the same config and seed give the same parameters.

    Raises `DataMissingError`, `ConfigError`, and what breaks training itself.
    """
    config, dtype = trial.config, DTYPES[trial.config.dtype]
    workload = Supervised.build(config.workload, device, dtype)
    run = StackRun(Stack([trial], workload, InitialRows(device), device, dtype))
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance()
    stack = run.stack
    views = stack.views(stack.optimizer.evaluation_params(stack.params))
    return Trained(config, records[0], {name: view[0].detach().cpu().clone() for name, view in views.items()})

"""How much a step does, counted and not timed: a count is the same on every machine, however busy it is.

Each bound is what was counted when it was set, rounded up a little. Who exceeds one launches more than
before, and should have a reason; `docs/performance.md` says what a launch costs.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from trainers.config import TrialConfig
from trainers.initial import InitialRows
from trainers.stack import Stack
from trainers.statistics.device import DeviceMeter
from trainers.step import train_step
from trainers.supervised import Supervised
from trainers.trial import PackTrial

MLP = {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [128, 64]}}
RNN = {"data": {"kind": "adding"}, "model": {"kind": "rnn"}}
LSTM = {"data": {"kind": "adding"}, "model": {"kind": "lstm"}}
CNN = {"data": {"kind": "digits"}, "model": {"kind": "cnn"}}

MLP_KERNELS = 30
"""Three layers forward and back, the loss, the batch, the update; statistics on the host launch none."""
RNN_KERNELS = 30
"""The layer is one compiled piece, which is no launch; clones give it rows of weights."""
LSTM_KERNELS = 950
"""Nine operators for each of 50 steps forward, as many back."""
CNN_KERNELS = 30
CNN_KERNELS_PER_MEMBER = 6
"""On a CPU the convolutions of members are launched one after another, the rest for all at once."""
DEVICE_KERNELS = 126
"""Statistics that stay on the device, and clipping by norm, are some ninety launches more; recorded, one."""
STACKED = [(MLP, MLP_KERNELS), (RNN, RNN_KERNELS), (LSTM, LSTM_KERNELS)]
SYNCS = ("aten._local_scalar_dense", "aten.equal", "aten.nonzero", "aten.is_nonzero")
"""Operators whose result the host has to wait for."""


class Counting(TorchDispatchMode):
    """Counts the operators that are dispatched, except those that only look at memory in another way."""

    def __init__(self) -> None:
        super().__init__()
        self.launched: Counter[str] = Counter()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if not func.is_view:
            self.launched[str(func.overloadpacket)] += 1
        return func(*args, **(kwargs or {}))

    @property
    def num_kernels(self) -> int:
        return self.launched.total()

    @property
    def num_syncs(self) -> int:
        return sum(self.launched[name] for name in SYNCS)


def config(workload: dict[str, Any], **changes: Any) -> TrialConfig:
    fields = {"workload": workload, "optimizer": {"kind": "sgd", "lr": 0.01}, "steps": 200, "batch_size": 64}
    return TrialConfig.model_validate(fields | changes)


def make_stack(config: TrialConfig, size: int) -> Stack:
    trials = [PackTrial(seed, config.model_copy(update={"seed": seed})) for seed in range(size)]
    workload = Supervised.build(config.workload, "cpu", torch.float32)
    return Stack(trials, workload, InitialRows(), "cpu", torch.float32)


def counted(stack: Stack, num_steps: int = 1) -> Counting:
    """What is launched in steps of a chunk, after one to warm up."""
    batches, rates = stack.batches.chunk(0, num_steps + 1), stack.rates.chunk(0, num_steps + 1)
    stack.meter.start(num_steps + 1)
    train_step(stack, batches[0], rates[0], 0)
    with Counting() as counting:
        for step in range(1, num_steps + 1):
            train_step(stack, batches[step], rates[step], step)
    return counting


def kernels(workload: dict[str, Any], size: int) -> int:
    return counted(make_stack(config(workload), size)).num_kernels


@pytest.mark.parametrize(("workload", "bound"), STACKED)
def test_a_stack_of_32_launches_what_a_stack_of_2_launches(workload: dict[str, Any], bound: int) -> None:
    assert kernels(workload, 32) == kernels(workload, 2) <= bound


@pytest.mark.parametrize(("workload", "bound"), [*STACKED, (CNN, CNN_KERNELS)])
def test_a_trial_alone_launches_no_more_than_its_bound(workload: dict[str, Any], bound: int) -> None:
    assert kernels(workload, 1) <= bound


def test_a_convolution_on_a_cpu_is_launched_for_each_member() -> None:
    assert kernels(CNN, 32) <= CNN_KERNELS + 32 * CNN_KERNELS_PER_MEMBER


@pytest.mark.parametrize("size", [1, 32])
def test_the_host_waits_for_no_step_whose_statistics_stay_on_the_device(size: int) -> None:
    stack = make_stack(config(MLP, clip={"kind": "global_norm", "max_norm": 1.0}), size)
    stack.meter = DeviceMeter(stack.layout, stack.params, stack.meter.needs)
    counting = counted(stack, num_steps=8)
    assert counting.num_syncs == 0
    assert counting.num_kernels <= 8 * DEVICE_KERNELS


def test_waiting_for_a_value_is_counted() -> None:
    with Counting() as counting:
        assert bool((torch.ones(2) > 0).all())
    assert counting.num_syncs == 1

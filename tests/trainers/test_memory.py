"""Memory is planned before it is allocated: estimates hold what training really takes."""

import weakref
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.trainers.trials import Quadratic, trial
from trainers.choice import Choice, Choices, choose
from trainers.device import free_bytes, share_of_machine
from trainers.initial import InitialRows
from trainers.memory import largest_stack, member_bytes
from trainers.pack import PackRun, PackTrial
from trainers.stack import Stack
from trainers.step import train_step
from trainers.supervised import Supervised

MLP = {"kind": "mlp", "hidden": [64, 64]}
WORKLOADS: dict[str, dict[str, Any]] = {
    "mlp": {"data": {"kind": "digits"}, "model": MLP},
    "cnn": {"data": {"kind": "digits"}, "model": {"kind": "cnn", "channels": [8], "padding": "same"}},
    "lstm": {"data": {"kind": "adding", "length": 20, "n": 64, "num_eval": 8}, "model": {"kind": "lstm"}},
    "transformer": {
        "data": {"kind": "copy_memory", "n": 64, "num_eval": 8},
        "model": {"kind": "transformer", "width": 16, "heads": 2},
    },
}


class PeakMemory(TorchDispatchMode):
    """Counts the bytes of all storages that live at once while it is on; `peak` is the most."""

    def __init__(self) -> None:
        super().__init__()
        self.live: dict[int, int] = {}
        self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(result):
            if isinstance(leaf, torch.Tensor):
                self._note(leaf.untyped_storage())
        return result

    def _note(self, storage: Any) -> None:
        key = storage._cdata
        if key not in self.live:
            self.live[key] = storage.nbytes()
            weakref.finalize(storage, self.live.pop, key, None)
            self.peak = max(self.peak, sum(self.live.values()))


def stack_of(num_members: int, **changes: Any) -> Stack:
    trials = [trial(number, seed=number, **changes) for number in range(num_members)]
    config = trials[0].config
    dtype = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}[config.dtype]
    workload = Supervised.build(config.workload, "cpu", dtype)
    return Stack(trials, workload, InitialRows(), "cpu", dtype)


def peak_of_training(num_members: int, **changes: Any) -> int:
    with PeakMemory() as memory:
        stack = stack_of(num_members, **changes)
        stack.meter.start(3)
        for step in range(3):
            train_step(stack, stack.batches.chunk(step, 1)[0], stack.rates.chunk(step, 1)[0], step)
    return memory.peak


CASES: dict[str, dict[str, Any]] = {
    **{name: {"workload": workload} for name, workload in WORKLOADS.items()},
    "adam": {"workload": WORKLOADS["mlp"], "optimizer": {"kind": "adam", "lr": 0.01}},
    "gadam in float64": {
        "workload": WORKLOADS["mlp"], "optimizer": {"kind": "gadam", "lr": 0.01}, "dtype": "float64",
    },
    "bfloat16": {"workload": WORKLOADS["mlp"], "dtype": "bfloat16"},
    "a clip rule with a state": {"workload": WORKLOADS["mlp"], "clip": {"kind": "spike_momentum_reset"}},
    "an average of gradients": {"workload": WORKLOADS["mlp"], "gradient": [{"kind": "update_ema"}]},
    "rates by layer": {"workload": WORKLOADS["mlp"], "layer_lr": {"output": 0.1}},
    "a large batch": {"workload": WORKLOADS["mlp"], "batch_size": 512},
    "dropout": {"workload": WORKLOADS["mlp"], "batch_size": 256, "regularisers": [{"kind": "dropout"}]},
}  # fmt: skip


@pytest.mark.parametrize("changes", CASES.values(), ids=CASES.keys())
def test_an_estimate_holds_what_each_further_member_takes_and_not_much_more(changes: dict[str, Any]) -> None:
    per_member = (peak_of_training(12, **changes) - peak_of_training(4, **changes)) / 8
    estimated = member_bytes(stack_of(1, **changes))
    assert per_member <= estimated <= 4 * per_member


def test_a_stack_plans_with_its_part_of_the_free_memory_and_never_with_none() -> None:
    part = share_of_machine("cpu") * free_bytes("cpu")
    assert 0 < part <= free_bytes("cpu")
    assert 0.3 * part < largest_stack(1 << 20, "cpu") * (1 << 20) < 1.1 * part
    assert largest_stack(1 << 60, "cpu") == 1


def test_a_known_choice_shrinks_with_the_memory() -> None:
    choices = Choices()
    roomy = Choice(64, {1: 1.0, 64: 0.1}, member_bytes=1)
    assert choices.get("signature", "cpu", 64, lambda: roomy).stack_size == 64
    tight = Choice(64, {1: 1.0, 64: 0.1}, member_bytes=free_bytes("cpu") // 3)
    choices.get("other", "cpu", 64, lambda: tight)
    assert choices.get("other", "cpu", 64, lambda: roomy).stack_size < 3


class Narrow(Quadratic):
    """Has memory for two members at most, in spite of every estimate."""

    def loss(self, params, inputs, targets, tape):  # type: ignore[no-untyped-def]
        if len(params["w"]) > 2:
            raise torch.OutOfMemoryError("out of memory")
        return super().loss(params, inputs, targets, tape)


def quadratics(number: int) -> list[PackTrial]:
    return [trial(index, lr=1e-3, seed=index, steps=300, dtype="float64") for index in range(number)]


def test_running_out_of_memory_while_measuring_ends_the_climb() -> None:
    trials, workload = quadratics(16), Narrow([1.0, 2.0])
    tried: list[int] = []

    def make(size: int) -> Stack:
        tried.append(size)
        return Stack(trials[:size], workload, InitialRows(), "cpu", torch.float64)

    choice = choose(make, len(trials), 300, "cpu")
    assert tried == [1, 2, 4]
    assert choice.stack_size in (1, 2)


def test_a_pack_that_runs_out_of_memory_while_measuring_trains_all_the_same() -> None:
    run = PackRun(quadratics(16), build=lambda *_: Narrow([1.0, 2.0]), choices=Choices())
    records = []
    while not run.finished:
        records += run.advance(1.0)
    assert len(records) == 16
    assert all(record.error is None for record in records)


class Fragile(Quadratic):
    """Breaks whenever two members meet."""

    def loss(self, params, inputs, targets, tape):  # type: ignore[no-untyped-def]
        if len(params["w"]) > 1:
            raise RuntimeError("a kernel that knows no stacks")
        return super().loss(params, inputs, targets, tape)


def test_what_breaks_while_measuring_fails_no_trial_that_trains_alone() -> None:
    run = PackRun(quadratics(4), build=lambda *_: Fragile([1.0, 2.0]), choices=Choices())
    records = []
    while not run.finished:
        records += run.advance(1.0)
    assert [record.error for record in records] == [None] * 4
    assert run.record().stack_size == 1

"""Steps that are repeated from a recording are those that would have been launched.

A CUDA graph needs a GPU. Here a recording is a list of the operators that were dispatched, with the tensors
that they were given: it repeats what a graph repeats, frozen in the same way. With
`GRADSWEEP_TEST_DEVICE=cuda` these tests are about CUDA graphs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.trainers.test_accelerator_path import ROWS
from tests.trainers.test_counted_work import SYNCS
from tests.trainers.test_every_kind_trains import CASES, changes_for
from tests.trainers.trials import Trial, train, trial
from trainers import repetition, stack
from trainers.kinds import Kind
from trainers.models import members
from trainers.record import TrialRecord
from trainers.recording import NotRecordableError, Work, recorder_for
from trainers.repetition import Repetition
from trainers.statistics.device import DeviceMeter


@dataclass
class Call:
    """An operator with what it was given, and what it gave."""

    operator: Any
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    result: Any

    def repeat(self) -> None:
        """Do it again on the same tensors, and leave what it gives where it was given before."""
        given = {id(leaf) for leaf in tree_leaves((self.args, dict(self.kwargs)))}
        again = self.operator(*self.args, **self.kwargs)
        for old, new in zip(tree_leaves(self.result), tree_leaves(again), strict=True):
            if isinstance(old, Tensor) and id(old) not in given:
                old.copy_(new)


class Recording(TorchDispatchMode):
    """Writes down every operator that does more than look at memory in another way."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self._before: list[tuple[Tensor, Tensor]] = []

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        if str(func.overloadpacket) in SYNCS:
            raise NotRecordableError("the host looks at a value")
        if func._schema.is_mutable:
            given = [leaf for leaf in tree_leaves((args, kwargs or {})) if isinstance(leaf, Tensor)]
            self._before += [(tensor, tensor.clone()) for tensor in given]
        result = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.calls.append(Call(func, args, kwargs or {}, result))
        return result

    def repeat(self) -> None:
        with torch.no_grad():
            for call in self.calls:
                call.repeat()

    def undo(self) -> None:
        """Whoever only records does nothing."""
        with torch.no_grad():
            for tensor, before in reversed(self._before):
                tensor.copy_(before)


def record(work: Work) -> Work:
    recording = Recording()
    try:
        with recording:
            work()
    except Exception as error:
        recording.undo()
        raise NotRecordableError(str(error)) from error
    return recording.repeat


class Counted(Repetition):
    """Counts over all stacks of a test."""

    num_repeated_at_all = 0

    def make(self, *args: Any) -> bool:
        before = self.num_repeated
        answer = super().make(*args)
        Counted.num_repeated_at_all += self.num_repeated - before
        return answer


@pytest.fixture
def accelerated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the ways that an accelerator takes, all but recordings."""
    monkeypatch.setattr(members, "in_turn", members.vectorised)
    monkeypatch.setattr(stack, "make_meter", DeviceMeter)
    monkeypatch.setattr(repetition, "recorder_for", lambda device: None)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch, accelerated: None) -> None:
    """Record steps too."""
    monkeypatch.setattr(repetition, "recorder_for", lambda device: recorder_for(device) or record)
    monkeypatch.setattr("trainers.loop.Repetition", Counted)
    monkeypatch.setattr(Counted, "num_repeated_at_all", 0)


def both(trials: list[Trial], request: pytest.FixtureRequest) -> tuple[list[TrialRecord], list[TrialRecord]]:
    """Records of `trials` with launched steps, and with repeated ones."""
    request.getfixturevalue("accelerated")
    launched = train(trials, stack_size=len(trials))
    request.getfixturevalue("recorded")
    return launched, train(trials, stack_size=len(trials))


def assert_equal(found: list[TrialRecord], expected: list[TrialRecord]) -> None:
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.error is None
        assert ours.verdict == theirs.verdict
        assert ours.num_steps_done == theirs.num_steps_done
        assert ours.final == theirs.final
        for name, values in theirs.curves.scalars.items():
            np.testing.assert_array_equal(ours.curves.scalars[name], values, err_msg=name)


NEVER = {
    "AdaGC", "AutoClip", "Cutout", "Dropout", "Gadam", "GradientNoise", "InputNoise", "Mixup", "Shift",
    "SkipStep", "SpikeMomentumReset", "ZClip",
}  # fmt: skip
"""Kinds whose steps differ by their number, or whose state grows."""


@pytest.mark.parametrize(("field", "kind"), CASES, ids=[f"{field}:{kind.__name__}" for field, kind in CASES])
def test_every_kind_trains_from_a_recording_as_it_does_launched(
    field: str, kind: type[Kind], request: pytest.FixtureRequest
) -> None:
    changes = {"optimizer": {"kind": "sgd", "lr": 0.01}} | changes_for(field, kind)
    fields = {"steps": 16, "dtype": "float64", "report_every": 1, "eval_every": 8}
    trials = [trial(number, seed=number, **(fields | changes)) for number in range(2)]
    launched, repeated = both(trials, request)
    assert_equal(repeated, launched)
    assert (Counted.num_repeated_at_all > 0) == (kind.__name__ not in NEVER)


@pytest.mark.parametrize("model", ROWS.values(), ids=ROWS.keys())
@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_every_model_trains_from_a_recording_as_it_does_launched(
    model: dict[str, Any], dtype: str, request: pytest.FixtureRequest
) -> None:
    fields: dict[str, Any] = {
        "workload": {"data": {"kind": "digits", "limit": 200}, "model": model},
        "steps": 14,
        "dtype": dtype,
        "accumulate": 2,
        "clip": {"kind": "global_norm"},
        "schedule": {"kind": "cosine"},
    }
    launched, repeated = both([trial(number, seed=number, **fields) for number in range(2)], request)
    assert_equal(repeated, launched)
    assert Counted.num_repeated_at_all > 0


def test_members_that_end_early_leave_the_others_a_recording_of_their_own(
    request: pytest.FixtureRequest,
) -> None:
    rates = [0.01, 1e3, 0.1, 1e12]
    trials = [trial(number, lr=lr, seed=number, steps=150) for number, lr in enumerate(rates)]
    launched, repeated = both(trials, request)
    assert_equal(repeated, launched)
    assert [record.num_steps_done == 150 for record in repeated] == [True, False, True, False]
    assert Counted.num_repeated_at_all > 100


def test_a_whole_batch_needs_no_places(request: pytest.FixtureRequest) -> None:
    trials = [trial(number, seed=number, steps=30, batch_size="full") for number in range(2)]
    launched, repeated = both(trials, request)
    assert_equal(repeated, launched)
    assert Counted.num_repeated_at_all > 0


def test_nothing_is_recorded_on_a_cpu() -> None:
    assert recorder_for("cpu") is None

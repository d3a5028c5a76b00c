"""A pack that is saved and loaded goes on bit for bit."""

import io
from typing import Any, get_args

import pytest
import torch
from numpy.testing import assert_array_equal

from tests.trainers.trials import trial
from trainers.catalogue import FAMILIES, alternatives
from trainers.config import Dtype
from trainers.errors import PackError
from trainers.kinds import Kind
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord

OPTIMIZERS = [{"kind": "sgd"}, {"kind": "momentum", "momentum": 0.9}, {"kind": "adam"}, {"kind": "gadam"}]
KINDS = [
    (path, kind)
    for _, path, _, union in FAMILIES
    if not path.startswith("workload")
    for kind in alternatives(union)
]
CLIPS = [{"kind": "none"}, {"kind": "autoclip"}, {"kind": "zclip"}, {"kind": "global_norm"}]


def pack(optimizer: dict[str, Any], **changes: Any) -> list[PackTrial]:
    return [
        trial(
            number,
            seed=number,
            steps=60,
            optimizer={**optimizer, "lr": 0.01 if number else 1e4},
            clip=CLIPS[number % len(CLIPS)],
            eval_every=15,
            report_every=5,
            **changes,
        )
        for number in range(5)
    ]


def through_a_file(state: dict[str, Any]) -> dict[str, Any]:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    buffer.seek(0)
    loaded: dict[str, Any] = torch.load(buffer, weights_only=True)
    return loaded


def finish(run: PackRun) -> dict[int, TrialRecord]:
    records: list[TrialRecord] = []
    while not run.finished:
        records += run.advance(0.0)
    return {record.number: record for record in records}


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer["kind"])
@pytest.mark.parametrize("stack_size", [1, 5])
def test_training_resumes_bit_for_bit(optimizer: dict[str, Any], stack_size: int) -> None:
    trials = pack(optimizer)
    expected = finish(PackRun(trials, stack_size=stack_size))

    interrupted = PackRun(trials, stack_size=stack_size)
    before: list[TrialRecord] = []
    for _ in range(4):
        before += interrupted.advance(0.0)
    resumed = PackRun.restored(trials, through_a_file(interrupted.state()), stack_size=stack_size)
    found = finish(resumed) | {record.number: record for record in before}

    assert found.keys() == expected.keys()
    for number, record in expected.items():
        assert found[number].verdict == record.verdict
        assert found[number].final == record.final
        for name, curve in record.curves.scalars.items():
            assert_array_equal(found[number].curves.scalars[name], curve)
        for name, curve in record.curves.layers.items():
            assert_array_equal(found[number].curves.layers[name], curve)


def test_random_regularisers_and_loss_scales_resume_too() -> None:
    changes = {"dtype": "float16", "regularisers": [{"kind": "dropout"}, {"kind": "input_noise"}]}
    trials = pack({"kind": "sgd"}, **changes)[1:]
    expected = finish(PackRun(trials, stack_size=4))
    interrupted = PackRun(trials, stack_size=4)
    for _ in range(3):
        interrupted.advance(0.0)
    found = finish(PackRun.restored(trials, through_a_file(interrupted.state()), stack_size=4))
    assert {n: r.final for n, r in found.items()} == {n: r.final for n, r in expected.items()}


SHORT = {"steps": 30, "eval_every": 10, "report_every": 1}


def members(field: str, kind: type[Kind]) -> list[PackTrial]:
    """Three trials with this kind, of which the last breaks down soon."""
    named: dict[str, Any] = {"kind": kind.model_fields["kind"].default}
    changes: dict[str, Any] = {field: [named] if field in ("gradient", "regularisers") else named}
    return [
        trial(
            number,
            seed=number,
            **({"optimizer": {"kind": "sgd", "lr": 0.01 if number < 2 else 1e6}} | SHORT | changes)
            if field != "optimizer"
            else {"optimizer": {**named, "lr": 0.01 if number < 2 else 1e6}, **SHORT},
        )
        for number in range(3)
    ]


def assert_resumes(trials: list[PackTrial]) -> None:
    expected = finish(PackRun(trials, stack_size=3))
    interrupted = PackRun(trials, stack_size=3)
    before = [record for _ in range(3) for record in interrupted.advance(0.0)]
    assert not interrupted.finished
    resumed = PackRun.restored(trials, through_a_file(interrupted.state()), stack_size=3)
    found = finish(resumed) | {record.number: record for record in before}
    for number, record in expected.items():
        assert found[number].final == record.final
        for name, curve in record.curves.scalars.items():
            assert_array_equal(found[number].curves.scalars[name], curve)


@pytest.mark.parametrize(("field", "kind"), KINDS, ids=[f"{field}:{kind.__name__}" for field, kind in KINDS])
def test_every_kind_resumes_bit_for_bit(field: str, kind: type[Kind]) -> None:
    assert_resumes(members(field, kind))


@pytest.mark.parametrize("dtype", get_args(Dtype))
def test_every_precision_resumes_bit_for_bit(dtype: str) -> None:
    assert_resumes(
        [
            trial(number, seed=number, dtype=dtype, optimizer={"kind": "adam", "lr": 0.01}, **SHORT)
            for number in range(3)
        ]
    )


def test_a_pack_that_has_not_begun_can_be_saved() -> None:
    trials = pack({"kind": "sgd"})
    state = through_a_file(PackRun(trials, stack_size=5).state())
    assert len(finish(PackRun.restored(trials, state, stack_size=5))) == 5


def test_a_checkpoint_of_another_pack_is_refused() -> None:
    state = PackRun(pack({"kind": "sgd"})).state()
    with pytest.raises(PackError, match="another static signature"):
        PackRun.restored(pack({"kind": "adam"}), state)

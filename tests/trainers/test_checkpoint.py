"""A pack that is saved and loaded goes on bit for bit."""

import io
from typing import Any

import pytest
import torch
from numpy.testing import assert_array_equal

from tests.trainers.trials import trial
from trainers.errors import PackError
from trainers.pack import PackRun, PackTrial
from trainers.record import TrialRecord

OPTIMIZERS = [{"kind": "sgd"}, {"kind": "momentum", "momentum": 0.9}, {"kind": "adam"}, {"kind": "gadam"}]
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


def test_a_pack_that_has_not_begun_can_be_saved() -> None:
    trials = pack({"kind": "sgd"})
    state = through_a_file(PackRun(trials, stack_size=5).state())
    assert len(finish(PackRun.restored(trials, state, stack_size=5))) == 5


def test_a_checkpoint_of_another_pack_is_refused() -> None:
    state = PackRun(pack({"kind": "sgd"})).state()
    with pytest.raises(PackError, match="another static signature"):
        PackRun.restored(pack({"kind": "adam"}), state)

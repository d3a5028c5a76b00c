"""Measuring on a schedule: right, and without a trace in the training."""

from typing import Any

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal

from tests.trainers.test_checkpoint import finish, through_a_file
from tests.trainers.trials import Quadratic, train, trial
from trainers.initial import InitialRows
from trainers.measure import QUANTITIES
from trainers.models.base import Params
from trainers.pack import PackRun
from trainers.probe import Probe
from trainers.record import TrialRecord
from trainers.stack import Stack
from trainers.statistics.noise import signal_and_noise
from trainers.supervised import Supervised
from trainers.trial import PackTrial

MEASURE = {"every": 7, "examples": 50, "batches": 3}
OF_MODEL = {"sharpness", "grad_snr", "grad_noise_scale", "activation_rms_max", "dead_fraction"}
OF_LAYERS = {"activation_rms", "dead_fraction", "grad_snr", "grad_noise_scale"}
MODELS: list[dict[str, Any]] = [
    {"kind": "mlp", "hidden": [16]},
    {"kind": "cnn", "channels": [4], "dense": [8]},
    {"kind": "transformer", "width": 8, "heads": 2, "layers": 1},
    {"kind": "gru", "hidden": 5},
]


def pack(**changes: Any) -> list[PackTrial]:
    rates = (0.05, 0.3, 1e6)
    return [trial(n, seed=n, lr=lr, measure=MEASURE, **changes) for n, lr in enumerate(rates)]


def unmeasured(trials: list[PackTrial]) -> list[PackTrial]:
    nothing = type(trials[0].config.measure)()
    return [PackTrial(t.number, t.config.model_copy(update={"measure": nothing})) for t in trials]


def stack_of(trials: list[PackTrial]) -> Stack:
    config = trials[0].config
    dtype = {"float32": torch.float32, "float64": torch.float64, "float16": torch.float16}[config.dtype]
    workload = Supervised.build(config.workload, "cpu", dtype)
    return Stack(trials, workload, InitialRows(), "cpu", dtype)


@pytest.mark.parametrize("stack_size", [1, 3])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": {"kind": "adam", "lr": 0.01}},
        {"batch_size": "full"},
        {"accumulate": 2, "clip": {"kind": "zclip"}},
        {"dtype": "float16", "regularisers": [{"kind": "dropout"}, {"kind": "input_noise"}]},
    ],
    ids=["sgd", "adam", "full batch", "clipped", "16 bits"],
)
def test_training_is_the_same_bit_for_bit_whether_it_is_measured_or_not(
    changes: dict[str, Any], stack_size: int
) -> None:
    trials = pack(**changes)
    plain = train(unmeasured(trials), stack_size=stack_size)
    for record, without in zip(train(trials, stack_size=stack_size), plain, strict=True):
        assert record.verdict == without.verdict
        for name, curve in without.curves.scalars.items():
            assert_array_equal(record.curves.scalars[name], curve)
        for name, curve in without.curves.layers.items():
            assert_array_equal(record.curves.layers[name], curve)
        added = record.final.keys() - without.final.keys()
        assert added == {"measure_seconds"}
        assert {name: record.final[name] for name in without.final} == without.final
        assert record.curves.scalars.keys() - without.curves.scalars.keys() >= OF_MODEL
        assert record.curves.layers.keys() >= OF_LAYERS


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["kind"])
def test_a_measurement_does_not_depend_on_the_pack(model: dict[str, Any]) -> None:
    workload = {"data": {"kind": "digits"}, "model": model}
    trials = pack(dtype="float64", workload=workload, optimizer={"kind": "adam", "lr": 0.003}, steps=9)
    together, alone = train(trials, stack_size=3), train(trials, stack_size=1)
    for one, other in zip(together, alone, strict=True):
        assert one.curves.scalars.keys() == other.curves.scalars.keys()
        for name in {*OF_MODEL, "preconditioned_sharpness"}:
            np.testing.assert_allclose(one.curves.scalars[name], other.curves.scalars[name], rtol=1e-6)
        for name in OF_LAYERS:
            np.testing.assert_allclose(one.curves.layers[name], other.curves.layers[name], rtol=1e-5)


def test_measurements_go_on_where_a_checkpoint_was_taken() -> None:
    trials = pack(optimizer={"kind": "adam", "lr": 0.01})
    expected = finish(PackRun(trials, stack_size=3))
    interrupted = PackRun(trials, stack_size=3)
    for _ in range(4):
        interrupted.advance(0.0)
    found = finish(PackRun.restored(trials, through_a_file(interrupted.state()), stack_size=3))
    for number, record in found.items():
        for name, curve in expected[number].curves.scalars.items():
            assert_array_equal(record.curves.scalars[name], curve)
        for name, curve in expected[number].curves.layers.items():
            assert_array_equal(record.curves.layers[name], curve)


@pytest.mark.parametrize(("optimizer", "factor"), [("sgd", 1.0), ("adam", None)])
def test_sharpness_of_a_quadratic_is_its_largest_curvature(optimizer: str, factor: float | None) -> None:
    curvatures = [0.5, 3.0, 2.0]
    (record,) = train(
        [
            trial(
                dtype="float64",
                steps=30,
                report_every=1,
                optimizer={"kind": optimizer, "lr": 0.01},
                measure={"every": 1},
            )
        ],
        build=lambda *_: Quadratic(curvatures),
    )
    np.testing.assert_allclose(record.curves.scalars["sharpness"], 3.0, rtol=1e-9)
    preconditioned = record.curves.scalars.get("preconditioned_sharpness")
    assert (preconditioned is None) == (factor is not None)
    if preconditioned is not None:
        assert np.isnan(preconditioned[0])
        assert np.isfinite(preconditioned[1:]).all()


def test_preconditioned_sharpness_divides_by_what_the_optimizer_divides_by() -> None:
    trials = pack(optimizer={"kind": "adam", "lr": 0.01}, dtype="float64")[:1]
    stack = stack_of(trials)
    stack.workload = Quadratic([0.5, 3.0, 2.0])
    stack.layout = stack.workload.layout
    stack.params = torch.ones(1, 3, dtype=torch.float64)
    stack.optimizer = type(trials[0].config.optimizer).stack(
        [trials[0].config.optimizer], stack.layout, stack.params
    )
    grads = torch.tensor([[4.0, 1.0, 0.1]], dtype=torch.float64)
    stack.optimizer.update(stack.params, grads, lr=torch.zeros(1, 1), step=0)
    found = Probe(stack).measure(1)
    # After one update P = (1 − β₁)(|g| + ε).
    expected = max(c / (0.1 * (g + 1e-8)) for c, g in ((0.5, 4.0), (3.0, 1.0), (2.0, 0.1)))
    assert found["preconditioned_sharpness"].item() == pytest.approx(expected, rel=1e-9)


def test_gradient_noise_is_that_of_the_examples_that_were_drawn() -> None:
    stack = stack_of(pack(dtype="float64")[:2])
    seen: list[torch.Tensor] = []
    workload = stack.workload
    assert isinstance(workload, Supervised)

    class Noting(Supervised):
        def batch(self, indices: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            seen.append(indices)
            return super().batch(indices)

    workload.__class__ = Noting
    found = Probe(stack).measure(14)
    batches = [indices for indices in seen if indices.shape == (2, 16)]
    assert len(batches) == 3
    for member in range(2):
        grads = []
        for indices in batches:
            row = stack.params[member : member + 1].detach().clone().requires_grad_()
            inputs, targets = (
                workload.dataset.inputs[indices[member]],
                workload.dataset.targets[indices[member]],
            )
            loss = plain_loss(stack.layout.views(row), inputs, targets)
            grads.append(torch.autograd.grad(loss, row)[0])
        signal, noise = signal_and_noise(grads, stack.layout)
        assert found["grad_signal"][member].sum() == pytest.approx(signal.sum().item(), rel=1e-9)
        assert found["grad_noise"][member].sum() == pytest.approx(noise.sum().item(), rel=1e-9)


def plain_loss(params: Params, inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    hidden = torch.relu(inputs.flatten(1) @ params["dense1.weight"][0].T + params["dense1.bias"][0])
    logits = hidden @ params["output.weight"][0].T + params["output.bias"][0]
    return torch.nn.functional.cross_entropy(logits, targets)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_only_what_was_asked_for_is_measured(quantity: str) -> None:
    expected = {
        "activations": {"activation_rms_max", "dead_fraction"},
        "gradient_noise": {"grad_snr", "grad_noise_scale"},
        "sharpness": {"sharpness"},
        "preconditioned_sharpness": {"preconditioned_sharpness"},
    }
    changes = {"optimizer": {"kind": "adam", "lr": 0.01}, "steps": 8}
    (record,) = train([trial(measure={**MEASURE, "what": [quantity]}, **changes)])
    (plain,) = train([trial(**changes)])
    assert record.curves.scalars.keys() - plain.curves.scalars.keys() == expected[quantity]


def test_by_default_nothing_is_measured() -> None:
    (record,) = train([trial()])
    assert not OF_MODEL & record.curves.scalars.keys()
    assert "measure_seconds" not in record.final


def test_the_cost_is_told_and_part_of_the_training_time() -> None:
    def costs(record: TrialRecord) -> tuple[float, float]:
        seconds = record.final["measure_seconds"]
        assert seconds is not None
        return seconds, record.train_seconds

    for record in train(pack(), stack_size=3):
        seconds, whole = costs(record)
        assert 0 < seconds < whole


def test_parameters_that_are_not_finite_give_nan_and_break_nothing() -> None:
    stack = stack_of(pack(optimizer={"kind": "adam", "lr": 0.01}))
    stack.params[1, 0] = torch.nan
    found = Probe(stack).measure(0)
    assert np.isnan(found["sharpness"]).tolist() == [False, True, False]
    assert np.isnan(found["grad_noise"].sum(axis=1)).tolist() == [False, True, False]

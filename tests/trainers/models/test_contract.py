"""What the pack's loop relies on, whatever the model."""

import pytest
import torch
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.models.cases import CASES, B, Case, every_model, leaves_of
from trainers.catalogue import catalogue
from trainers.tape import SilentTape


class NotingTape(SilentTape):
    def __init__(self) -> None:
        self.observed: dict[str, tuple[int, ...]] = {}
        self.dropped: list[str] = []
        self.penalties: list[Tensor] = []

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        assert layer not in self.observed
        self.observed[layer] = tuple(activation.shape)
        return activation

    def dropout(self, layer: str, activation: Tensor) -> Tensor:
        self.dropped.append(layer)
        return activation

    def penalty(self, value: Tensor) -> None:
        self.penalties.append(value)


def output_layers(case: Case) -> set[str]:
    return {spec.layer for spec in case.config.build(case.shape).layout.specs if spec.is_output}


@every_model
def test_every_layer_shows_its_output_in_forward_order(case: Case) -> None:
    model, tape = case.config.build(case.shape), NotingTape()
    model.forward(leaves_of(model, 2), case.inputs(2, B), tape)
    assert tuple(tape.observed) == model.layout.layers
    for layer in tape.observed:
        assert tape.observed[layer][:2] == (2, B)


@every_model
def test_dropout_is_offered_for_every_hidden_layer_and_never_for_an_output(case: Case) -> None:
    model, tape = case.config.build(case.shape), NotingTape()
    model.forward(leaves_of(model, 2), case.inputs(2, B), tape)
    assert tape.dropped == [layer for layer in model.layout.layers if layer not in output_layers(case)]


@every_model
def test_what_dropout_gives_back_is_what_goes_on(case: Case) -> None:
    class Blanking(SilentTape):
        def dropout(self, layer: str, activation: Tensor) -> Tensor:
            return torch.zeros_like(activation)

    model = case.config.build(case.shape)
    leaves = leaves_of(model, 2)
    hidden_exists = set(model.layout.layers) != output_layers(case)
    usual = model.forward(leaves, case.inputs(2, B), SilentTape())
    blanked = model.forward(leaves, case.inputs(2, B), Blanking())
    assert torch.equal(usual, blanked) != hidden_exists


@shows("nan", of=[case.config for case in CASES])
@every_model
def test_a_broken_member_breaks_no_other(case: Case) -> None:
    model = case.config.build(case.shape)
    inputs = case.inputs(3, B)

    def run(broken: bool) -> tuple[Tensor, list[Tensor]]:
        leaves = leaves_of(model, 3)
        if broken:
            with torch.no_grad():
                for leaf in leaves.values():
                    leaf[1] = torch.nan
        outputs = model.forward(leaves, inputs, SilentTape())
        return outputs, list(torch.autograd.grad(outputs.sum(), list(leaves.values())))

    sound, broken = run(broken=False), run(broken=True)
    kept = torch.tensor([0, 2])
    assert broken[0][1].isnan().all()
    assert torch.equal(sound[0][kept], broken[0][kept])
    for ours, theirs in zip(sound[1], broken[1], strict=True):
        assert torch.equal(ours[kept], theirs[kept])


@every_model
def test_fans_are_those_of_the_tensors(case: Case) -> None:
    for spec in case.config.build(case.shape).layout.specs:
        if spec.role in ("weight", "recurrent"):
            receptive = spec.shape[2] * spec.shape[3] if len(spec.shape) == 4 else 1
            assert spec.fan_in == spec.shape[1] * receptive
            assert spec.shape[0] * receptive % spec.fan_out == 0


@every_model
def test_some_layer_is_the_output_and_it_comes_last(case: Case) -> None:
    specs = case.config.build(case.shape).layout.specs
    assert specs[-1].is_output
    first = next(index for index, spec in enumerate(specs) if spec.is_output)
    assert all(spec.is_output for spec in specs[first:])


@every_model
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16], ids=str)
def test_a_model_runs_in_every_precision(case: Case, dtype: torch.dtype) -> None:
    model = case.config.build(case.shape)
    exact = leaves_of(model, 2)
    inputs = case.inputs(2, B)
    rounded_inputs = inputs if case.shape.num_tokens is not None else inputs.to(dtype)
    leaves = {name: leaf.detach().to(dtype).requires_grad_() for name, leaf in exact.items()}
    found = model.forward(leaves, rounded_inputs, SilentTape())
    assert found.dtype == dtype
    expected = model.forward(exact, inputs, SilentTape())
    error = (found.double() - expected).norm() / expected.norm()
    assert error < 20 * torch.finfo(dtype).eps
    for grad in torch.autograd.grad(found.sum(), list(leaves.values())):
        assert grad.dtype == dtype
        assert grad.isfinite().all()


def test_cases_cover_every_kind_of_model() -> None:
    kinds = {entry.kind for entry in catalogue().family("model").kinds}
    assert {case.config.model_dump()["kind"] for case in CASES} == kinds

"""Learning rates of single layers: which layers a name means, and what they do to training."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.trainers.trials import train, trial
from trainers.errors import ConfigError
from trainers.initial import InitialRows
from trainers.layer_rates import layer_rates, rate_factors, unfit_names
from trainers.pack import PackTrial
from trainers.signature import static_signature
from trainers.stack import Stack
from trainers.step import train_step
from trainers.supervised import Supervised

LAYERS = ("stem", "stage1.conv1", "stage1.conv2", "output")


def test_a_pattern_means_every_layer_that_it_matches_and_a_name_wins_over_it() -> None:
    rates = layer_rates({"stage1.*": 0.1, "stage1.conv2": 0.3}, LAYERS)
    assert rates == {"stage1.conv1": 0.1, "stage1.conv2": 0.3}
    assert layer_rates({"*": 2.0}, LAYERS) == dict.fromkeys(LAYERS, 2.0)
    assert layer_rates({}, LAYERS) == {}


def test_a_name_without_a_layer_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(ConfigError, match=r"layer_lr.outptu: .* did you mean output\?"):
        layer_rates({"outptu": 0.1}, LAYERS)
    (unfit,) = unfit_names(["dense*"], LAYERS)
    assert (unfit.name, unfit.nearest) == ("dense*", None)
    assert "stage1.conv1" in unfit.expected


def test_patterns_that_meet_are_refused_whatever_their_order() -> None:
    for names in (["stage1*", "*conv1"], ["*conv1", "stage1*"]):
        with pytest.raises(ConfigError, match=r"patterns that do not meet"):
            layer_rates(dict.fromkeys(names, 0.1), LAYERS)
    named = {"stage1*": 0.1, "*conv1": 0.2, "stage1.conv1": 0.3}
    assert layer_rates(named, LAYERS) == {"stage1.conv1": 0.3, "stage1.conv2": 0.1}


@given(st.dictionaries(st.sampled_from(LAYERS), st.floats(0, 1e6)), st.floats(1e-6, 1e6))
def test_a_factor_takes_the_optimizers_rate_to_the_layers(rates: dict[str, float], lr: float) -> None:
    config = trial(hidden=(3, 3), lr=lr).config
    layout = Supervised.build(config.workload, "cpu", torch.float64).layout
    named = dict(zip(layout.layers, rates.values(), strict=False))
    factors = rate_factors(named, lr, layout)
    if not named:
        assert factors is None
        return
    assert factors is not None
    for spec, (start, stop) in zip(layout.specs, layout.bounds, strict=True):
        assert factors[start:stop].tolist() == pytest.approx([named.get(spec.layer, lr) / lr] * spec.size)


@pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
def test_a_rate_that_cannot_train_is_refused(rate: float) -> None:
    with pytest.raises(ValidationError, match="layer_lr"):
        trial(layer_lr={"output": rate})


def test_the_order_of_names_makes_no_other_trial() -> None:
    one, other = (
        trial(layer_lr=dict(pairs)).config for pairs in ([("b", 1), ("a", 2)], [("a", 2), ("b", 1)])
    )
    assert one.model_dump_json() == other.model_dump_json()


def test_trials_with_different_rates_share_a_stack_and_train_as_alone() -> None:
    shared = {"dtype": "float64", "steps": 12, "report_every": 1}
    trials = [
        trial(0, **shared),
        trial(1, layer_lr={"output": 0.01}, **shared),
        trial(2, layer_lr={"dense*": 1.0, "output": 0.0}, init={"kind": "mup"}, **shared),
    ]
    assert len({static_signature(one.config) for one in trials}) == 1
    for together, alone in zip(train(trials, stack_size=3), train(trials, stack_size=1), strict=True):
        np.testing.assert_allclose(
            together.curves.scalars["train_loss"], alone.curves.scalars["train_loss"], rtol=1e-9
        )


def test_the_rate_of_every_layer_is_the_rate_of_the_optimizer() -> None:
    shared = {"dtype": "float64", "steps": 12, "report_every": 1}
    everywhere, plain = train([trial(0, lr=0.3, layer_lr={"*": 0.05}, **shared), trial(1, lr=0.05, **shared)])
    np.testing.assert_allclose(
        everywhere.curves.scalars["train_loss"], plain.curves.scalars["train_loss"], rtol=1e-12
    )


def test_a_layer_with_a_rate_of_zero_stays_as_it_is() -> None:
    frozen = trial(layer_lr={"dense1": 0.0}, dtype="float64", optimizer={"kind": "adamw", "lr": 0.1})
    before, after = _parameters_before_and_after(frozen)
    assert torch.equal(before["dense1.weight"], after["dense1.weight"])
    assert not torch.equal(before["output.weight"], after["output.weight"])


def test_a_layer_that_the_model_does_not_have_fails_the_trial_with_a_reason() -> None:
    (record,) = train([trial(layer_lr={"dense9": 0.1})])
    assert record.verdict.outcome == "failed"
    assert "did you mean dense1?" in (record.error or "")


def _parameters_before_and_after(one: PackTrial) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    workload = Supervised.build(one.config.workload, "cpu", torch.float64)
    stack = Stack([one], workload, InitialRows(), "cpu", torch.float64)
    before = stack.views(stack.params.clone())
    stack.meter.start(3)
    for step in range(3):
        train_step(stack, stack.batches.chunk(step, 1)[0], stack.rates.chunk(step, 1)[0], step)
    return before, stack.views(stack.params.detach())

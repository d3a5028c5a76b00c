"""What holds for every initializer."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.initializers.harness import dense, kernel
from trainers.catalogue import alternatives
from trainers.initializers import (
    Initializer,
    InitializerConfig,
    KaimingNormal,
    Normal,
    Orthogonal,
    XavierUniform,
)
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.seeds import generator

KINDS = [kind() for kind in alternatives(InitializerConfig)]
LAYOUT = ParameterLayout(
    (
        ParameterSpec("embed.weight", (5, 8), "embedding", "embed"),
        ParameterSpec("rnn.weight", (8, 8), "recurrent", "rnn", 8, 8),
        dense(6, 8),
        ParameterSpec("dense1.bias", (6,), "bias", "dense1", 8, 6),
        ParameterSpec("norm.scale", (6,), "scale", "norm"),
        ParameterSpec("output.weight", (3, 6), "weight", "output", 6, 3, True),
    )
)


def _no_layers(row: Tensor) -> dict[str, Tensor]:
    return {}


def _start(init: Initializer) -> Tensor:
    return init.initialize(LAYOUT, generator(3), _no_layers)


@pytest.mark.parametrize("init", KINDS, ids=lambda init: init.kind)
def test_a_row_holds_every_parameter_in_float64(init: Initializer) -> None:
    row = init.initialize(LAYOUT, generator(0), _no_layers)
    assert row.shape == (LAYOUT.size,)
    assert row.dtype == torch.float64
    assert row.isfinite().all()


SIZES = st.integers(1, 12)


@shows("invariant", of=KINDS)
@pytest.mark.parametrize("init", KINDS, ids=lambda init: init.kind)
@given(width=SIZES, fan_in=SIZES, field=st.integers(1, 3), seed=st.integers(0, 2**40))
def test_whatever_the_shapes_every_weight_is_finite_and_follows_from_the_seed(
    init: Initializer, width: int, fan_in: int, field: int, seed: int
) -> None:
    layout = ParameterLayout((kernel(width, fan_in, field, field), dense(width, width, "recurrent")))
    row = init.initialize(layout, generator(seed), _no_layers)
    assert row.shape == (layout.size,)
    assert row.isfinite().all()
    assert torch.equal(row, init.initialize(layout, generator(seed), _no_layers))
    assert row.abs().max() < 20  # no draw of a default scheme is far out


@shows("empty", of=KINDS)
@pytest.mark.parametrize("init", KINDS, ids=lambda init: init.kind)
def test_a_model_without_parameters_has_an_empty_row(init: Initializer) -> None:
    assert init.initialize(ParameterLayout(()), generator(0), _no_layers).shape == (0,)


@pytest.mark.parametrize("init", KINDS, ids=lambda init: init.kind)
def test_a_seed_gives_the_same_row_every_time(init: Initializer) -> None:
    assert torch.equal(_start(init), _start(init))


@pytest.mark.parametrize("init", KINDS, ids=lambda init: init.kind)
def test_a_kind_is_found_by_its_name(init: Initializer) -> None:
    assert TypeAdapter(InitializerConfig).validate_python(init.model_dump()) == init


def test_another_seed_gives_another_row() -> None:
    init = KaimingNormal()
    assert not torch.equal(init.initialize(LAYOUT, generator(3)), init.initialize(LAYOUT, generator(4)))


def test_biases_start_at_zero_and_norm_scales_at_one() -> None:
    views = LAYOUT.views(Normal(std=1.0).initialize(LAYOUT, generator(0)).unsqueeze(0))
    assert views["dense1.bias"].abs().max() == 0
    assert (views["norm.scale"] == 1).all()


@pytest.mark.parametrize("broken", [{"std": 0.0}, {"std": -1.0}, {"std": float("nan")}])
def test_a_spread_that_is_none_is_refused(broken: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match="std"):
        Normal(**broken)


@pytest.mark.parametrize("kind", [Orthogonal, XavierUniform])
def test_a_gain_of_zero_or_less_is_refused(kind: type[Orthogonal]) -> None:
    for gain in (0.0, -1.0):
        with pytest.raises(ValidationError, match="gain"):
            kind(gain=gain)

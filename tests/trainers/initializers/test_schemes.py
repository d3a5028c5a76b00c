"""What the schemes promise that torch does not have."""

import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional

from tests.trainers.aspects import shows
from tests.trainers.initializers.harness import dense, draw, kernel
from trainers.errors import ConfigError
from trainers.initializers import (
    DeltaOrthogonal,
    Dirac,
    Fixup,
    KaimingNormal,
    LecunNormal,
    Lsuv,
    MeanField,
    Mup,
    Orthogonal,
    SpectralRadius,
    TFixup,
    XavierUniform,
    Zeros,
)
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.specs import dense_specs
from trainers.seeds import generator


@shows("reference", of=[Zeros])
def test_zeros_are_zeros_and_carry_a_caution() -> None:
    assert draw(Zeros(), dense(3, 4)).abs().max() == 0
    assert "symmetry" in Zeros.caution


def test_an_identity_passes_its_input_on() -> None:
    assert torch.equal(draw(Dirac(), dense(4, 4, "recurrent")), torch.eye(4, dtype=torch.float64))


@shows("reference", of=[DeltaOrthogonal])
def test_a_delta_orthogonal_convolution_keeps_every_images_norm() -> None:
    weight = draw(DeltaOrthogonal(gain=1.3), kernel(8, 5, 3, 3))
    images = torch.randn(2, 5, 6, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    outputs = functional.conv2d(images, weight, padding=1)
    norms = torch.linalg.vector_norm(outputs.flatten(1), dim=1)
    torch.testing.assert_close(norms, 1.3 * torch.linalg.vector_norm(images.flatten(1), dim=1))


@shows("reference", of=[MeanField])
def test_mean_field_draws_weights_and_biases_of_the_asked_variance() -> None:
    init = MeanField(sigma_w2=1.7, sigma_b2=0.3)
    weights = draw(init, dense(200, 300)).flatten().numpy()
    assert stats.kstest(weights, "norm", args=(0, math.sqrt(1.7 / 300))).pvalue > 1e-3
    bias = init.bias(ParameterSpec("b", (5000,), "bias", "dense1", 300, 5000), generator(0)).numpy()
    assert stats.kstest(bias, "norm", args=(0, math.sqrt(0.3))).pvalue > 1e-3


def test_mean_field_without_bias_variance_has_zero_biases() -> None:
    bias = MeanField(sigma_b2=0.0).bias(ParameterSpec("b", (5,), "bias", "dense1", 3, 5), generator(0))
    assert bias.abs().max() == 0


@shows("reference", of=[SpectralRadius])
@pytest.mark.parametrize("form", ["orthogonal", "normal"])
@pytest.mark.parametrize("gates", [1, 3, 4])
def test_every_gates_recurrent_matrix_has_the_asked_spectral_radius(form: str, gates: int) -> None:
    init = SpectralRadius.model_validate({"radius": 1.25, "form": form})
    weight = draw(init, dense(gates * 10, 10, "recurrent"))
    for block in weight.split(10):
        eigenvalues = np.linalg.eigvals(block.numpy())
        assert np.abs(eigenvalues).max() == pytest.approx(1.25, rel=1e-10)


def test_other_weights_do_not_get_the_spectral_radius() -> None:
    weights = draw(SpectralRadius(radius=3.0), dense(100, 400)).flatten().numpy()
    assert stats.kstest(weights, "norm", args=(0, 1 / 20)).pvalue > 1e-3


def _residual_layout(num_branches: int, layers_per_branch: int) -> ParameterLayout:
    specs = [dense(8, 8)]
    for branch in range(num_branches):
        specs += [
            ParameterSpec(
                f"b{branch}.{i}.weight", (8, 8), "weight", f"b{branch}.{i}", 8, 8, branch=f"b{branch}"
            )
            for i in range(layers_per_branch)
        ]
    specs += dense_specs("output", 8, 3, is_output=True)
    return ParameterLayout(tuple(specs))


def _start(
    init: Fixup | TFixup | KaimingNormal | XavierUniform, layout: ParameterLayout
) -> dict[str, Tensor]:
    views = layout.views(init.initialize(layout, generator(0)).unsqueeze(0))
    return {name: view[0] for name, view in views.items()}


@shows("reference", of=[Fixup])
@pytest.mark.parametrize(("num_branches", "layers_per_branch"), [(4, 2), (16, 3), (3, 1)])
def test_fixup_scales_branches_by_depth_and_ends_them_with_zero(
    num_branches: int, layers_per_branch: int
) -> None:
    layout = _residual_layout(num_branches, layers_per_branch)
    plain, fixed = _start(KaimingNormal(), layout), _start(Fixup(), layout)
    assert torch.equal(fixed["dense1.weight"], plain["dense1.weight"])
    assert fixed["output.weight"].abs().max() == 0
    assert fixed[f"b1.{layers_per_branch - 1}.weight"].abs().max() == 0
    if layers_per_branch > 1:
        factor = num_branches ** (-1 / (2 * layers_per_branch - 2))
        torch.testing.assert_close(fixed["b1.0.weight"], plain["b1.0.weight"] * factor)


@shows("reference", of=[TFixup])
def test_tfixup_scales_all_of_a_layer_but_queries_and_keys() -> None:
    def inside(name: str, branch: str, rows: int = 8) -> ParameterSpec:
        return ParameterSpec(name, (rows, 8), "weight", branch, 8, rows, branch=branch)

    blocks = [
        inside("a1.query.weight", "a1"), inside("a1.value.weight", "a1"), inside("m1.weight", "m1"),
        inside("a2.qkv.weight", "a2", 24), inside("m2.weight", "m2"),
    ]  # fmt: skip
    embed = ParameterSpec("embed.weight", (50, 8), "embedding", "embed")
    layout = ParameterLayout((embed, *blocks, *dense_specs("output", 8, 3, is_output=True)))
    plain, fixed = _start(TFixup(), ParameterLayout(layout.specs[:1])), _start(TFixup(), layout)
    torch.testing.assert_close(fixed["embed.weight"], plain["embed.weight"] * 18**-0.25)

    def bound(weight: Tensor, fan_out: int = 8) -> float:
        return weight.abs().max().item() / math.sqrt(6 / (8 + fan_out))

    scale = 0.67 * 2**-0.25
    assert 0.9 < bound(fixed["a1.query.weight"]) <= 1
    assert 0.9 * scale < bound(fixed["a1.value.weight"]) <= scale
    assert 0.9 * scale < bound(fixed["m2.weight"]) <= scale
    assert 0.9 < bound(fixed["a2.qkv.weight"][:16], 24) <= 1
    assert 0.9 * scale < bound(fixed["a2.qkv.weight"][16:], 24) <= scale


def test_without_branches_tfixup_is_xavier() -> None:
    layout = ParameterLayout((dense(8, 6), *dense_specs("output", 8, 3, is_output=True)))
    fixed, plain = _start(TFixup(), layout), _start(XavierUniform(), layout)
    assert all(torch.equal(fixed[name], plain[name]) for name in plain)


@shows("reference", of=[Mup])
def test_mup_is_lecun_at_the_base_width_and_shrinks_the_output_beyond() -> None:
    hidden, output = dense(64, 256), dense(10, 256, is_output=True)
    assert torch.equal(draw(Mup(), hidden), draw(LecunNormal(), hidden))
    torch.testing.assert_close(draw(Mup(base_width=64), output), draw(LecunNormal(), output) / 2)
    assert torch.equal(draw(Mup(base_width=256), output), draw(LecunNormal(), output))


@pytest.mark.parametrize(
    ("adaptive", "expected"),
    [
        (True, {"in.weight": 1, "in.bias": 1, "mid.weight": 1 / 4, "mid.bias": 1, "output.weight": 1 / 4}),
        (False, {"in.weight": 4, "in.bias": 4, "mid.weight": 1, "mid.bias": 4, "output.weight": 1 / 4}),
    ],
)
def test_mup_rates_follow_the_width(adaptive: bool, expected: dict[str, float]) -> None:
    layout = ParameterLayout(
        (
            *dense_specs("in", 7, 64),
            *dense_specs("mid", 64, 64),
            *dense_specs("output", 64, 3, is_output=True),
        )
    )
    views = layout.views(Mup(base_width=16).rate_factors(layout, adaptive=adaptive).unsqueeze(0))
    for name, factor in expected.items():
        assert (views[name] == factor).all(), name
    assert (Mup(base_width=64).rate_factors(layout, adaptive=True) == 1).all()
    assert Orthogonal().rate_factors(layout, adaptive=True) is None


@pytest.mark.parametrize(("adaptive", "of_tokens", "of_hidden"), [(True, 1, 1 / 4), (False, 4, 1)])
def test_behind_an_embedding_every_weight_of_mup_is_hidden(
    adaptive: bool, of_tokens: float, of_hidden: float
) -> None:
    tokens = ParameterSpec("tokens", (50, 64), "embedding", "embedding", 50, 64)
    layout = ParameterLayout((tokens, *dense_specs("dense1", 64, 64)))
    views = layout.views(Mup(base_width=16).rate_factors(layout, adaptive=adaptive).unsqueeze(0))
    assert (views["tokens"] == of_tokens).all()
    assert (views["dense1.weight"] == of_hidden).all()


LSUV_LAYOUT = ParameterLayout(
    (
        *dense_specs("dense1", 12, 60),
        *dense_specs("dense2", 60, 40),
        *dense_specs("output", 40, 10, is_output=True),
    )
)


def _outputs(row: Tensor, nonlinearity: str) -> dict[str, Tensor]:
    params = LSUV_LAYOUT.views(row.unsqueeze(0))
    values = 5 * torch.randn(300, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    outputs = {}
    for layer in LSUV_LAYOUT.layers:
        values = functional.linear(values, params[f"{layer}.weight"][0], params[f"{layer}.bias"][0])
        if layer != "output":
            values = {"relu": torch.relu, "tanh": torch.tanh, "silu": functional.silu}[nonlinearity](values)
        outputs[layer] = values
    return outputs


@shows("reference", of=[Lsuv])
@pytest.mark.parametrize("nonlinearity", ["relu", "silu"])
def test_lsuv_gives_every_layer_unit_variance(nonlinearity: str) -> None:
    row = Lsuv().initialize(LSUV_LAYOUT, generator(0), lambda row: _outputs(row, nonlinearity))
    for layer, output in _outputs(row, nonlinearity).items():
        assert abs(output.var(correction=0).item() - 1) < 0.1, layer


def test_lsuv_leaves_bounded_layers_orthogonal() -> None:
    row = Lsuv().initialize(LSUV_LAYOUT, generator(0), lambda row: _outputs(row, "tanh"))
    start = Orthogonal().initialize(LSUV_LAYOUT, generator(0))
    stop = LSUV_LAYOUT.bounds[0][1]
    assert torch.equal(row[:stop], start[:stop])


def test_lsuv_without_examples_is_refused() -> None:
    with pytest.raises(ConfigError, match="examples"):
        Lsuv().initialize(LSUV_LAYOUT, generator(0))


def test_lsuv_leaves_a_layer_without_variance_alone() -> None:
    row = Lsuv().initialize(LSUV_LAYOUT, generator(0), lambda row: {"dense1": torch.zeros(5, 60)})
    assert torch.equal(row, Orthogonal().initialize(LSUV_LAYOUT, generator(0)))

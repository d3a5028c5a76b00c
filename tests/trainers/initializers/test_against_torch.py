"""Initializers draw from the distributions of `torch.nn.init`, found by comparing large samples."""

from functools import partial
from math import sqrt

import pytest
import torch
from scipy import stats
from torch.nn import init as torch_init

from tests.trainers.aspects import shows
from tests.trainers.initializers.harness import dense, draw, draw_with_torch, kernel
from trainers.initializers import (
    Dirac,
    Initializer,
    KaimingNormal,
    KaimingUniform,
    LecunNormal,
    LecunUniform,
    Normal,
    Orthogonal,
    Sparse,
    TruncatedNormal,
    Uniform,
    XavierNormal,
    XavierUniform,
)
from trainers.initializers.gains import GAINS
from trainers.layout import ParameterSpec

PAIRS = [
    (Normal(std=0.3), partial(torch_init.normal_, std=0.3)),
    (Uniform(bound=0.7), partial(torch_init.uniform_, a=-0.7, b=0.7)),
    (TruncatedNormal(std=0.5), partial(torch_init.trunc_normal_, std=0.5, a=-1.0, b=1.0)),
    (TruncatedNormal(std=1.0, cutoff=0.5), partial(torch_init.trunc_normal_, a=-0.5, b=0.5)),
    (XavierUniform(), torch_init.xavier_uniform_),
    (XavierUniform(gain=2.0), partial(torch_init.xavier_uniform_, gain=2.0)),
    (XavierNormal(gain=0.5), partial(torch_init.xavier_normal_, gain=0.5)),
    (KaimingUniform(), partial(torch_init.kaiming_uniform_, nonlinearity="relu")),
    (KaimingNormal(), partial(torch_init.kaiming_normal_, nonlinearity="relu")),
    (
        KaimingNormal(mode="fan_out", nonlinearity="tanh"),
        partial(torch_init.kaiming_normal_, mode="fan_out", nonlinearity="tanh"),
    ),
    (LecunNormal(), partial(torch_init.kaiming_normal_, nonlinearity="linear")),
    (LecunUniform(), partial(torch_init.kaiming_uniform_, nonlinearity="linear")),
]
NAMES = [f"{ours.kind}-{index}" for index, (ours, _) in enumerate(PAIRS)]


@shows("reference", of=[ours for ours, _ in PAIRS])
@pytest.mark.parametrize("spec", [dense(120, 80), kernel(32, 16, 3, 5)], ids=["dense", "convolution"])
@pytest.mark.parametrize(("ours", "theirs"), PAIRS, ids=NAMES)
def test_an_initializer_draws_from_torchs_distribution(
    ours: Initializer, theirs: object, spec: ParameterSpec
) -> None:
    mine = draw(ours, spec).flatten()
    reference = draw_with_torch(theirs, spec).flatten()
    assert stats.ks_2samp(mine.numpy(), reference.numpy()).pvalue > 1e-3
    torch.testing.assert_close(mine.std(), reference.std(), rtol=0.05, atol=0)


@shows("reference", of=[Sparse])
@pytest.mark.parametrize("sparsity", [0.0, 0.3, 0.9])
def test_sparse_weights_have_as_many_zeros_per_input_as_torchs(sparsity: float) -> None:
    spec = dense(37, 200)
    mine = draw(Sparse(sparsity=sparsity, std=0.3), spec)
    theirs = draw_with_torch(partial(torch_init.sparse_, sparsity=sparsity, std=0.3), spec)
    assert torch.equal((mine == 0).sum(dim=0), (theirs == 0).sum(dim=0))
    assert stats.ks_2samp(mine[mine != 0].numpy(), theirs[theirs != 0].numpy()).pvalue > 1e-3


@shows("reference", of=[Dirac])
@pytest.mark.parametrize("spec", [kernel(4, 6, 3, 3), kernel(6, 4, 5), kernel(3, 3, 3, 5)])
def test_dirac_kernels_are_those_of_torch(spec: ParameterSpec) -> None:
    assert torch.equal(draw(Dirac(), spec), torch_init.dirac_(torch.empty(spec.shape, dtype=torch.float64)))


@pytest.mark.parametrize("nonlinearity", GAINS)
def test_gains_are_those_of_torch(nonlinearity: str) -> None:
    expected = torch_init.calculate_gain(nonlinearity)  # type: ignore[arg-type]
    assert GAINS[nonlinearity] == pytest.approx(expected, rel=1e-15)  # type: ignore[index]


def test_uniform_weights_reach_their_bound_and_no_further() -> None:
    weights = draw(XavierUniform(), dense(200, 100))
    bound = sqrt(6 / 300)
    assert weights.abs().max() <= bound
    assert weights.abs().max() > 0.999 * bound


@pytest.mark.parametrize(
    "spec",
    [dense(7, 20), dense(20, 7), dense(9, 9), kernel(6, 4, 3, 3)],
    ids=["wide", "tall", "square", "conv"],
)
def test_orthogonal_weights_stretch_every_direction_by_the_gain(spec: ParameterSpec) -> None:
    matrix = draw(Orthogonal(gain=1.7), spec).flatten(1)
    singular_values = torch.linalg.svdvals(matrix)
    torch.testing.assert_close(singular_values, torch.full_like(singular_values, 1.7), rtol=1e-12, atol=0)


@shows("reference", of=[Orthogonal])
def test_orthogonal_weights_have_the_spread_of_torchs() -> None:
    mine = [draw(Orthogonal(), dense(6, 6), seed)[0, 0].item() for seed in range(1000)]
    theirs = [draw_with_torch(torch_init.orthogonal_, dense(6, 6), seed)[0, 0].item() for seed in range(1000)]
    assert stats.ks_2samp(mine, theirs).pvalue > 1e-3

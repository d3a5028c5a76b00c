"""Gradients too large for the cache are measured as small ones are."""

import numpy as np
import pytest
import torch

from trainers.layout import ParameterLayout, ParameterSpec
from trainers.statistics.blocks import BLOCK_BYTES, GradientBlocks, block_slices, split_columns
from trainers.statistics.bulk import dots, max_abs, tensor_norms
from trainers.statistics.host import HostMeter
from trainers.statistics.ring import ring_length

WIDE = ParameterLayout(
    (
        ParameterSpec("a.weight", (500, 400), "weight", "a"),
        ParameterSpec("a.bias", (500,), "bias", "a"),
        ParameterSpec("b.weight", (10, 500), "weight", "b"),
    )
)


def random(K: int) -> np.ndarray:
    return np.random.default_rng(K).standard_normal((K, WIDE.size)).astype(np.float32)


@pytest.mark.parametrize("K", [1, 3])
def test_blocks_measure_what_whole_rows_measure(K: int) -> None:
    before, grads = random(K), random(K + 1)[:K]
    grads[:, ::7] = 0.0
    blocks = GradientBlocks(WIDE, before)

    squares = blocks.put(grads)
    found = blocks.measure()

    np.testing.assert_allclose(squares, np.vecdot(grads, grads), rtol=1e-5)
    np.testing.assert_allclose(found.tensor_norms[0], tensor_norms(WIDE, grads), rtol=1e-5)
    np.testing.assert_allclose(found.dot[0], dots(grads, before), rtol=1e-3)
    np.testing.assert_array_equal(found.max_abs[0], max_abs(grads))
    np.testing.assert_array_equal(found.num_nonzero[0], (grads != 0).sum(axis=1))
    np.testing.assert_array_equal(blocks.previous, grads)


def test_blocks_show_nan_and_survive_squares_that_overflow() -> None:
    grads = random(3)
    grads[0, 5] = np.nan
    grads[1] = 1e30
    blocks = GradientBlocks(WIDE, np.zeros_like(grads))

    with np.errstate(all="ignore"):
        blocks.put(grads)

    norms = blocks.measure().tensor_norms[0]
    assert np.isnan(norms[0, 0])
    np.testing.assert_allclose(norms[1], 1e30 * np.sqrt([200_000, 500, 5_000]), rtol=1e-5)
    assert np.isfinite(norms[2]).all()


def test_columns_cover_every_tensor_once() -> None:
    seen = [0] * 3
    for columns in split_columns(WIDE, 60_000):
        assert columns.stop - columns.start <= 60_000
        for tensor, first, last in columns.segments:
            seen[tensor] += last - first
    assert seen == [200_000, 500, 5_000]


@pytest.mark.parametrize("shape", [(1, 10), (7, 100_000), (3, 500_000), (100, 3)])
def test_slices_cover_a_matrix_and_fit_the_cache(shape: tuple[int, int]) -> None:
    count = np.zeros(shape, np.int8)
    for rows, columns in block_slices(shape, 4):
        count[rows, columns] += 1
        assert 4 * count[rows, columns].size <= BLOCK_BYTES
    assert (count == 1).all()


def test_weights_are_measured_while_they_are_updated() -> None:
    params, delta = torch.from_numpy(random(2)), torch.from_numpy(random(3)[:2])
    assert ring_length(params.numpy()) <= 1
    meter = HostMeter(WIDE, params)
    meter.start(2)
    for step in range(2):
        meter.gradients(delta, torch.ones(2))
        assert meter.update(params, delta, torch.full((2,), 1e6)) is None
        expected = params.clone() + delta
        before = params.norm(dim=1)
        meter.apply(params, delta)
        torch.testing.assert_close(params, expected)
        np.testing.assert_allclose(meter.flush().steps.weight_norm[step], before.numpy(), rtol=1e-5)

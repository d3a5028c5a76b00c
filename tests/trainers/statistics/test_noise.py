"""Gradient signal and noise against plain NumPy."""

import numpy as np
import pytest
import torch

from trainers.layout import ParameterLayout, ParameterSpec
from trainers.statistics.noise import noise_scale, signal_and_noise, signal_to_noise

LAYOUT = ParameterLayout(
    (ParameterSpec("a", (2, 2), "weight", "one"), ParameterSpec("b", (3,), "bias", "two"))
)
n, K = 5, 3


def draws(scale: float = 1.0, offset: float = 0.3) -> np.ndarray:
    return offset + scale * np.random.default_rng(0).standard_normal((n, K, LAYOUT.size))


def test_signal_and_noise_are_the_sums_of_squared_means_and_of_variances() -> None:
    gradients = draws()
    signal, noise = signal_and_noise(map(torch.from_numpy, gradients), LAYOUT)
    for index, (start, stop) in enumerate(LAYOUT.bounds):
        part = gradients[:, :, start:stop]
        variance = part.var(axis=0, ddof=1).sum(axis=1)
        np.testing.assert_allclose(noise[:, index], variance, rtol=1e-12)
        np.testing.assert_allclose(
            signal[:, index], np.square(part.mean(axis=0)).sum(axis=1) - variance / n, rtol=1e-10
        )


def test_they_are_the_two_batch_sizes_estimators_of_the_paper() -> None:
    small, B = draws(), 16  # n gradients of B examples each; their mean is one of n·B
    big = small.mean(axis=0)
    mean_square = np.square(small).sum(axis=2).mean(axis=0)
    big_square = np.square(big).sum(axis=1)
    G = (n * B * big_square - B * mean_square) / (n * B - B)
    S = (mean_square - big_square) / (1 / B - 1 / (n * B))

    signal, noise = signal_and_noise(map(torch.from_numpy, small), LAYOUT)

    np.testing.assert_allclose(signal.sum(dim=1), G, rtol=1e-10)
    np.testing.assert_allclose(B * noise.sum(dim=1), S, rtol=1e-10)
    np.testing.assert_allclose(noise_scale(G, S / B, B), S / G, rtol=1e-10)


def test_both_estimators_are_unbiased() -> None:
    generator = torch.Generator().manual_seed(0)
    truth = torch.linspace(0.05, 0.2, LAYOUT.size, dtype=torch.float64)
    many = truth + torch.randn(4, 20_000, LAYOUT.size, generator=generator, dtype=torch.float64)
    signal, noise = signal_and_noise(many, LAYOUT)
    assert noise.sum(dim=1).mean().item() == pytest.approx(LAYOUT.size, rel=0.01)
    assert signal.sum(dim=1).mean().item() == pytest.approx(truth.square().sum().item(), rel=0.1)


def test_a_mean_far_larger_than_the_spread_costs_no_digits() -> None:
    gradients = draws(scale=1e-6, offset=1e3)
    _, noise = signal_and_noise(map(torch.from_numpy, gradients), LAYOUT)
    naive = np.square(gradients).mean(axis=0) - np.square(gradients.mean(axis=0))
    exact = gradients.var(axis=0, ddof=1).sum(axis=1)
    np.testing.assert_allclose(noise.sum(dim=1), exact, rtol=1e-6)
    assert (np.abs(naive.sum(axis=1) * n / (n - 1) / exact - 1) > 0.01).any()


def test_gradients_that_do_not_vary_are_all_signal() -> None:
    signal, noise = signal_and_noise([torch.ones(1, LAYOUT.size)] * 3, LAYOUT)
    assert signal.tolist() == [[4.0, 3.0]]
    assert noise.tolist() == [[0.0, 0.0]]
    assert signal_to_noise(signal, noise).tolist() == [[np.inf, np.inf]]
    assert noise_scale(signal, noise, 8).tolist() == [[0.0, 0.0]]


def test_no_gradient_at_all_is_neither_signal_nor_noise() -> None:
    signal, noise = signal_and_noise([torch.zeros(1, LAYOUT.size)] * 2, LAYOUT)
    assert np.isnan(signal_to_noise(signal, noise)).all()
    assert np.isnan(noise_scale(signal, noise, 8)).all()


def test_of_one_gradient_the_variance_is_not_known() -> None:
    signal, noise = signal_and_noise([torch.ones(2, LAYOUT.size)], LAYOUT)
    assert signal.isnan().all()
    assert noise.isnan().all()


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_a_broken_gradient_breaks_its_member_and_tensor_only(broken: float) -> None:
    gradients = draws()
    gradients[2, 1, 0] = broken
    signal, noise = signal_and_noise(map(torch.from_numpy, gradients), LAYOUT)
    assert torch.isnan(signal).tolist() == [[False, False], [True, False], [False, False]]
    assert torch.isnan(noise).tolist() == [[False, False], [True, False], [False, False]]


def test_squares_of_large_float32_gradients_do_not_overflow() -> None:
    gradients = [torch.full((1, LAYOUT.size), value) for value in (1e30, 3e30)]
    signal, noise = signal_and_noise(gradients, LAYOUT)
    np.testing.assert_allclose(noise[0], [4 * 2e60, 3 * 2e60], rtol=1e-6)
    assert torch.isfinite(signal).all()

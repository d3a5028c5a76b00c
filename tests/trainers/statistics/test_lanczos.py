import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from trainers.statistics.derivatives import Product
from trainers.statistics.lanczos import largest_eigenvalues


def symmetric(K: int, P: int, seed: int = 0) -> Tensor:
    draw = torch.randn(K, P, P, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return draw + draw.mT


def product_with(matrices: Tensor) -> Product:
    return lambda rows: torch.einsum("kij,kj->ki", matrices, rows)


def start_for(matrices: Tensor) -> Tensor:
    K, P, _ = matrices.shape
    return torch.randn(K, P, generator=torch.Generator().manual_seed(99), dtype=torch.float64)


@settings(max_examples=30, derandomize=True)
@given(st.integers(1, 4), st.integers(1, 40), st.integers(0, 1000))
def test_it_finds_the_largest_eigenvalue_of_every_matrix(K: int, P: int, seed: int) -> None:
    matrices = symmetric(K, P, seed)
    found = largest_eigenvalues(product_with(matrices), start_for(matrices), 400, 1e-9)
    np.testing.assert_allclose(found, torch.linalg.eigvalsh(matrices)[:, -1], rtol=1e-8)


@pytest.mark.parametrize("tolerance", [0.1, 0.01, 1e-4])
def test_an_eigenvalue_lies_within_the_tolerance(tolerance: float) -> None:
    matrices = symmetric(20, 60)
    found = largest_eigenvalues(product_with(matrices), start_for(matrices), 60, tolerance)
    spectra = torch.linalg.eigvalsh(matrices)
    distances = (found.unsqueeze(1) - spectra).abs().amin(dim=1)
    assert (distances <= tolerance * found).all()
    assert (found <= spectra[:, -1] * (1 + 1e-12)).all()


def test_without_enough_iterations_the_value_is_a_lower_bound() -> None:
    matrices = symmetric(20, 60)
    values = [largest_eigenvalues(product_with(matrices), start_for(matrices), n, 1e-9) for n in (1, 4, 8)]
    largest = torch.linalg.eigvalsh(matrices)[:, -1]
    assert (values[0] < values[1]).all()
    assert (values[1] < values[2]).all()
    assert (values[2] < largest).all()


def test_negative_spectra_give_their_largest_member_not_the_one_largest_in_size() -> None:
    matrices = -torch.diag_embed(torch.tensor([[3.0, 2.0, 0.5]], dtype=torch.float64))
    found = largest_eigenvalues(product_with(matrices), start_for(matrices), 10, 1e-12)
    assert found.item() == pytest.approx(-0.5, rel=1e-12)


def test_a_start_that_reaches_only_a_part_of_the_space_ends_there() -> None:
    matrices = torch.diag_embed(torch.tensor([[-1.0, -2.0, 7.0]], dtype=torch.float64))
    start = torch.tensor([[1.0, 1.0, 0.0]], dtype=torch.float64)
    assert largest_eigenvalues(product_with(matrices), start, 10, 1e-12).item() == pytest.approx(-1.0)


def test_a_value_does_not_depend_on_who_else_is_there() -> None:
    matrices, slow = symmetric(3, 30), torch.diag_embed(torch.linspace(0, 1, 30, dtype=torch.float64))
    together = torch.cat([matrices, slow[None]])
    start = start_for(together)
    found = largest_eigenvalues(product_with(together), start, 30, 0.01)
    alone = largest_eigenvalues(product_with(matrices), start[:3], 30, 0.01)
    np.testing.assert_allclose(found[:3], alone, rtol=1e-12)


@pytest.mark.parametrize("broken", [torch.nan, torch.inf, -torch.inf])
def test_a_broken_operator_gives_nan_and_breaks_no_other(broken: float) -> None:
    matrices = symmetric(2, 10)
    matrices[0, 3, 3] = broken
    found = largest_eigenvalues(product_with(matrices), start_for(matrices), 10, 1e-9)
    assert found[0].isnan()
    assert found[1].item() == pytest.approx(torch.linalg.eigvalsh(matrices[1])[-1].item(), rel=1e-8)


def test_zero_gives_zero_and_nothing_gives_nan() -> None:
    zeros = torch.zeros(1, 5, 5, dtype=torch.float64)
    assert largest_eigenvalues(product_with(zeros), start_for(zeros), 10, 1e-9).tolist() == [0.0]
    assert largest_eigenvalues(product_with(zeros), torch.zeros_like(zeros[0, :1]), 10, 1e-9).isnan().all()
    assert largest_eigenvalues(lambda rows: rows, torch.ones(2, 0), 10, 1e-9).isnan().tolist() == [True] * 2
    assert largest_eigenvalues(lambda rows: rows, torch.ones(0, 3), 10, 1e-9).shape == (0,)

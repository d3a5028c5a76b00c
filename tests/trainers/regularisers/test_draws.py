import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from trainers.regularisers.draws import member_keys, normal, uniform

CPU = torch.device("cpu")


@given(st.integers(0, 2**40), st.integers(0, 10**6))
def test_draws_follow_from_seed_step_and_place_alone(seed: int, step: int) -> None:
    alone = uniform(member_keys([seed], "dropout", CPU), step, "dense1", (3, 4))
    among = uniform(member_keys([1, seed, 7], "dropout", CPU), step, "dense1", (3, 4))
    torch.testing.assert_close(alone[0], among[1], rtol=0, atol=0)
    assert alone.min() >= 0
    assert alone.max() < 1


def test_seeds_steps_places_and_purposes_draw_differently() -> None:
    keys = member_keys([0, 1], "dropout", CPU)
    first = uniform(keys, 0, "dense1", (1000,))
    others = [
        first[1],
        uniform(keys, 1, "dense1", (1000,))[0],
        uniform(keys, 0, "dense2", (1000,))[0],
        uniform(member_keys([0], "mixup", CPU), 0, "dense1", (1000,))[0],
    ]
    for other in others:
        assert abs(np.corrcoef(first[0], other)[0, 1]) < 0.1


def test_draws_are_uniform_and_uncorrelated_from_step_to_step() -> None:
    keys = member_keys([5], "dropout", CPU)
    draws = torch.stack([uniform(keys, step, "layer", (1000,))[0] for step in range(50)]).numpy()
    assert stats.kstest(draws.flatten(), "uniform").pvalue > 1e-3
    neighbours = np.corrcoef(draws[:, :-1].flatten(), draws[:, 1:].flatten())[0, 1]
    successors = np.corrcoef(draws[:-1].flatten(), draws[1:].flatten())[0, 1]
    assert abs(neighbours) < 0.02
    assert abs(successors) < 0.02


def test_normal_draws_are_normal() -> None:
    draws = normal(member_keys([5], "noise", CPU), 3, "x", (20000,)).numpy()
    assert stats.kstest(draws.flatten(), "norm").pvalue > 1e-3

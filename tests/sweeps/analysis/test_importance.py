"""Variance shares: exact on grids that were made by a formula, corrected for chance elsewhere."""

import numpy as np
import pytest

from sweeps.analysis.importance import Importance, find_importance
from sweeps.analysis.levels import make_axis
from sweeps.analysis.observation import observe_all
from sweeps.analysis.variance import grid_shares, scattered_shares, seed_noise
from tests.sweeps.analysis.trials import make_row


def importance_of(table: dict[tuple[float, float, float], list[float]]) -> dict[str, Importance]:
    """Importance for losses by (lr, a, b)."""
    rows = []
    for place, ((lr, a, b), losses) in enumerate(table.items()):
        axes = {"optimizer.lr": lr, "a": a, "b": b}
        for repeat, loss in enumerate(losses):
            rows.append(
                make_row(
                    len(rows), lr, axes=axes, config_number=place, repeat=repeat, loss=loss, initial_loss=1e9
                )
            )
    trials = observe_all(rows)
    axes_found = [make_axis(path, path, [trial.axes for trial in trials]) for path in ("a", "b")]
    return {found.target: found for found in find_importance(trials, axes_found, "eval_loss", "min")}


def shares(found: Importance) -> dict[str, tuple[float, float | None]]:
    return {axis.axis: (axis.alone, axis.total) for axis in found.axes}


def test_an_additive_table_has_the_shares_of_its_terms_and_no_interactions() -> None:
    # lr in (1, 2): variance 9·0.25; a in (0, 1): variance 1·0.25; b does nothing.
    table = {(lr, a, b): [3 * lr + a] for lr in (1, 2) for a in (0, 1) for b in (0, 1)}
    found = shares(importance_of(table)["eval_loss"])
    assert found["lr"] == (pytest.approx(0.9), pytest.approx(0.9))
    assert found["a"] == (pytest.approx(0.1), pytest.approx(0.1))
    assert found["b"] == (pytest.approx(0.0), pytest.approx(0.0))


def test_a_pure_interaction_shows_in_the_total_only() -> None:
    table = {(lr, a, 0): [float((lr == 1) == (a == 0))] for lr in (1, 2) for a in (0, 1)}
    found = shares(importance_of(table)["eval_loss"])
    assert found["lr"] == (pytest.approx(0.0), pytest.approx(1.0))
    assert found["a"] == (pytest.approx(0.0), pytest.approx(1.0))
    assert "b" not in found


def test_the_most_important_axis_comes_first_and_is_named_first() -> None:
    table = {(lr, a, b): [5 * b + a] for lr in (1, 2) for a in (0, 1) for b in (0, 1)}
    found = importance_of(table)["eval_loss"]
    assert found.axes[0].axis == "b"
    assert "each axis explains: b 96 %" in found.text()


def test_a_target_that_does_not_vary_is_left_out() -> None:
    table = {(lr, a, 0): [1.0 + lr] for lr in (1, 2) for a in (0, 1)}
    assert "P(stable)" not in importance_of(table)


def test_one_seed_gives_no_interval_and_two_do() -> None:
    one = importance_of({(lr, a, 0): [lr + a] for lr in (1, 2) for a in (0, 1)})["eval_loss"]
    two = importance_of({(lr, a, 0): [lr + a, lr + a + 0.1] for lr in (1, 2) for a in (0, 1)})["eval_loss"]
    assert one.axes[0].alone_interval is None
    interval = two.axes[0].alone_interval
    assert interval is not None
    assert interval.lo is not None
    assert interval.hi is not None
    assert interval.lo < two.axes[0].alone < interval.hi


def test_a_grid_with_a_hole_is_scattered_and_claims_no_interactions() -> None:
    table = {(lr, a, 0): [lr + a] for lr in (1, 2, 3) for a in (0, 1)}
    del table[(1, 0, 0)]
    found = importance_of(table)["eval_loss"]
    assert found.design == "scattered"
    assert all(axis.total is None for axis in found.axes)


def test_chance_is_not_taken_for_importance() -> None:
    """ε² of pure noise averages zero before it is cut there; the plain share would be 15/199 = 0.075."""
    generator = np.random.default_rng(3)
    noise = generator.normal(size=(300, 200))
    levels = [generator.integers(16, size=200)]
    assert np.mean([scattered_shares(means, levels) for means in noise]) < 0.03


def test_a_scattered_effect_is_found_at_its_size() -> None:
    generator = np.random.default_rng(4)
    levels = generator.integers(4, size=4000)
    values = levels + generator.normal(size=4000) * np.sqrt(1.25)
    assert scattered_shares(values, [levels])[0] == pytest.approx(0.5, abs=0.03)


def test_a_number_that_every_setting_has_to_itself_explains_no_more_than_it_does() -> None:
    """Random settings, each with a learning rate and an `a` of its own, of which only the former counts."""
    draw = np.random.default_rng(3)
    places = [(float(10 ** draw.uniform(-3, 0)), float(draw.uniform()), float(n % 2)) for n in range(32)]
    found = shares(importance_of({place: [float(np.log10(place[0]))] for place in places})["eval_loss"])
    assert found["lr"][0] > 0.8
    assert found["a"][0] < 0.25
    assert found["b"][0] < 0.25


def test_first_order_shares_and_what_is_left_add_up_to_the_variance() -> None:
    generator = np.random.default_rng(5)
    first, second = (axis.ravel() for axis in np.meshgrid(range(5), range(7), indexing="ij"))
    alone, total = grid_shares(generator.normal(size=(20, 35)), [first, second])
    # With two axes the interaction is what each total adds to its own share.
    assert total[:, 0] - alone[:, 0] == pytest.approx(total[:, 1] - alone[:, 1])
    assert alone.sum(axis=1) + (total[:, 0] - alone[:, 0]) == pytest.approx(np.ones(20))


def test_what_seeds_do_is_not_taken_for_interactions() -> None:
    """P = ½ ± 0.4 by one axis alone; two coins a setting would lend the other axis a total share of 0.4."""
    generator = np.random.default_rng(6)
    first, second = (axis.ravel() for axis in np.meshgrid(range(12), range(12), indexing="ij"))
    chance = np.where(first % 2, 0.9, 0.1)
    alone, total = [], []
    for _ in range(40):
        seeds = (generator.random((144, 2)) < chance[:, None]).astype(float)
        found = grid_shares(seeds.mean(axis=1)[None], [first, second], seed_noise(seeds.tolist()))
        alone.append(found[0][0])
        total.append(found[1][0])
    assert np.mean(alone, axis=0) == pytest.approx([1.0, 0.0], abs=0.04)
    assert np.mean(total, axis=0) == pytest.approx([1.0, 0.0], abs=0.04)


def test_where_only_seeds_differ_nothing_is_explained() -> None:
    first, second = (axis.ravel() for axis in np.meshgrid(range(4), range(4), indexing="ij"))
    means = np.zeros((1, 16))
    alone, total = grid_shares(means, [first, second], 0.25)
    assert not alone.any()
    assert not total.any()

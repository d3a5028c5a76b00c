"""The fitted P(stable): right where it can be checked, wide where seeds are few, finite where separable."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize

from sweeps.analysis.fit import fit_edge
from sweeps.analysis.intervals import wilson
from sweeps.analysis.points import LrPoint, Tally


def make_point(lr: float, num_stable: int, num_trials: int) -> LrPoint:
    share = num_stable / num_trials
    found = Tally({}, num_trials, num_stable, 0, share, wilson(num_stable, num_trials), None, ())
    return LrPoint(lr, found, None, None, None)


def penalised_optimum(lrs: np.ndarray, hits: np.ndarray, totals: np.ndarray) -> float:
    """Firth's estimate of the edge by a general optimiser, in intercept and slope."""
    x = np.log(lrs)

    def loss(theta: np.ndarray) -> float:
        logits = theta[0] + theta[1] * x
        p = 1 / (1 + np.exp(-logits))
        weights = totals * p * (1 - p)
        design = np.stack([np.ones_like(x), x])
        information = (design * weights) @ design.T
        likelihood = (hits * np.log(p) + (totals - hits) * np.log1p(-p)).sum()
        return float(-likelihood - 0.5 * np.log(np.linalg.det(information)))

    found = minimize(
        loss, x0=[0.0, -1.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    )
    return float(math.exp(-found.x[0] / found.x[1]))


@pytest.mark.parametrize(
    "hits", [[5, 5, 4, 3, 1, 0], [2, 2, 2, 0, 0, 0], [8, 7, 7, 4, 0, 1]], ids=["smooth", "separable", "noisy"]
)
def test_the_edge_is_that_of_firths_estimate(hits: list[int]) -> None:
    lrs = np.array([0.01, 0.03, 0.1, 0.3, 1.0, 3.0])
    totals = np.full(6, max(hits))
    fit = fit_edge([make_point(lr, hit, max(hits)) for lr, hit in zip(lrs, hits, strict=True)])
    assert fit is not None
    assert fit.edge == pytest.approx(penalised_optimum(lrs, np.array(hits), totals), rel=0.02)


def test_separable_data_give_a_finite_edge_with_an_interval_around_the_bracket() -> None:
    fit = fit_edge([make_point(lr, 2 if lr < 0.5 else 0, 2) for lr in (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)])
    assert fit is not None
    assert 0.3 <= fit.edge <= 1.0
    assert fit.interval.lo is not None
    assert fit.interval.hi is not None
    assert fit.interval.lo < 0.3
    assert fit.interval.hi > 1.0


def test_the_interval_covers_the_true_edge_at_least_nine_times_in_ten() -> None:
    generator = np.random.default_rng(7)
    lrs = np.geomspace(1e-3, 100, 16)
    num_covered = num_fits = 0
    for _ in range(120):
        edge, slope = math.exp(generator.uniform(-3, 1)), generator.uniform(1.5, 10)
        shares = 1 / (1 + (lrs / edge) ** slope)
        points = [
            make_point(lr, int(generator.binomial(3, share)), 3)
            for lr, share in zip(lrs, shares, strict=True)
        ]
        fit = fit_edge(points)
        if fit is None:
            continue
        num_fits += 1
        num_covered += (fit.interval.lo or 0.0) <= edge <= (fit.interval.hi or math.inf)
    assert num_fits > 100
    assert num_covered / num_fits >= 0.9


def test_more_seeds_narrow_the_interval() -> None:
    lrs = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
    widths = []
    for seeds in (2, 20):
        fit = fit_edge([make_point(lr, seeds if lr < 0.2 else 0, seeds) for lr in lrs])
        assert fit is not None
        assert fit.interval.lo is not None
        assert fit.interval.hi is not None
        widths.append(fit.interval.hi / fit.interval.lo)
    assert widths[1] < widths[0]


def test_the_curve_is_one_half_at_its_edge_and_falls() -> None:
    fit = fit_edge([make_point(lr, 3 if lr < 0.5 else 0, 3) for lr in (0.1, 0.3, 1.0, 3.0)])
    assert fit is not None
    assert fit.p_stable(fit.edge) == pytest.approx(0.5)
    assert fit.p_stable(fit.edge / math.sqrt(fit.fall)) == pytest.approx(0.9)
    assert fit.p_stable(1e300) == pytest.approx(0.0)


@pytest.mark.parametrize("hits", [[2, 2], [0, 0], [1]])
def test_trials_that_all_ended_alike_or_at_one_lr_give_no_curve(hits: list[int]) -> None:
    assert fit_edge([make_point(10.0**index, hit, 2) for index, hit in enumerate(hits)]) is None


def test_a_thousand_lrs_are_fitted_like_a_hundred() -> None:
    lrs = np.geomspace(0.01, 10, 1000)
    fit = fit_edge([make_point(float(lr), int(lr < 0.5), 1) for lr in lrs])
    assert fit is not None
    assert fit.edge == pytest.approx(0.5, rel=0.05)

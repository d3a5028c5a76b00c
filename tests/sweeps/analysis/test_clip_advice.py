"""Where a clip threshold would act."""

import numpy as np
import pytest

from sweeps.analysis.clip_advice import advise_clip
from tests.sweeps.analysis.trials import make_row
from trainers.record import Curves


def curves_of(norms: list[float]) -> Curves:
    values = np.array(norms, np.float32)
    return Curves(np.arange(len(norms)), {"grad_norm_max": values}, (), {})


def test_thresholds_are_quantiles_of_the_windows_norms() -> None:
    norms = [float(value) for value in range(1, 102)]
    (found,) = advise_clip([make_row(0, 0.1)], {0: curves_of(norms)})
    assert [t.value for t in found.thresholds] == [pytest.approx(100), pytest.approx(91), pytest.approx(51)]
    assert (found.num_trials, found.num_windows) == (1, 101)
    assert "91 in 10 %" in found.text()


def test_the_range_over_single_trials_is_told() -> None:
    rows = [make_row(0, 0.1), make_row(1, 1.0)]
    (found,) = advise_clip(rows, {0: curves_of([1.0] * 4), 1: curves_of([3.0] * 4)})
    assert (found.thresholds[2].smallest, found.thresholds[2].largest) == (1.0, 3.0)


def test_clipped_unstable_or_unsampled_trials_give_no_advice() -> None:
    rows = [
        make_row(0, 0.1, axes={"clip": {"kind": "value", "max_value": 1.0}}),
        make_row(1, 0.1, "exploded"),
        make_row(2, 0.1),
    ]
    assert advise_clip(rows, {0: curves_of([1.0]), 1: curves_of([1.0])}) == ()


def test_settings_get_their_own_advice() -> None:
    rows = [make_row(n, 0.1, axes={"init": init}) for n, init in enumerate("ab")]
    found = advise_clip(rows, {0: curves_of([1.0]), 1: curves_of([2.0])})
    assert [advice.label for advice in found] == ["init=a", "init=b"]


def test_windows_that_were_not_finite_are_left_out() -> None:
    (found,) = advise_clip([make_row(0, 0.1)], {0: curves_of([1.0, float("nan"), float("inf")])})
    assert found.num_windows == 1

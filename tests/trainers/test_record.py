"""Curves on their way between processes."""

import pickle
from copy import deepcopy

import numpy as np
import pytest

from trainers.record import Curves

STEPS = np.array([9, 19, 29])
LOSS = np.array([1.5, np.nan, np.inf], np.float32)
NORMS = np.arange(6, dtype=np.float32).reshape(3, 2)

LIKE = Curves(
    STEPS, {"loss": LOSS, "lr": 2 * LOSS, "spikes": LOSS[::-1]}, ("a", "b"), {"norm": NORMS, "max": 2 * NORMS}
)
UNLIKE = Curves(STEPS, {"loss": LOSS, "lr": LOSS.astype(np.float64)}, ("a", "b"), {"norm": NORMS})
NONE = Curves(np.zeros(0, np.int64), {}, (), {})


def assert_same(found: Curves, curves: Curves) -> None:
    assert found.layer_names == curves.layer_names
    pairs = [({"steps": found.steps}, {"steps": curves.steps}), (found.scalars, curves.scalars)]
    for ours, theirs in [*pairs, (found.layers, curves.layers)]:
        assert list(ours) == list(theirs)
        for name, values in theirs.items():
            assert ours[name].dtype == values.dtype
            np.testing.assert_array_equal(ours[name], values)


@pytest.mark.parametrize("curves", [LIKE, UNLIKE, NONE])
def test_curves_arrive_as_they_left(curves: Curves) -> None:
    assert_same(pickle.loads(pickle.dumps(curves, protocol=5)), curves)
    assert_same(deepcopy(curves), curves)


def test_curves_that_are_alike_travel_in_one_array() -> None:
    buffers: list[pickle.PickleBuffer] = []
    pickle.dumps(LIKE, protocol=5, buffer_callback=buffers.append)
    assert len(buffers) == 3  # steps, scalars, layers

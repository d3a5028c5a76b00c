import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal

from sweeps.ledger.curve_archive import from_archive, to_archive
from trainers.record import Curves

FLOATS = st.sampled_from([np.float32, np.float64])
WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@st.composite
def some_curves(draw: st.DrawFn) -> Curves:
    num_points, layers = draw(st.integers(0, 5)), draw(st.lists(WORDS, max_size=3, unique=True))
    return Curves(
        steps=draw(arrays(np.int64, num_points)),
        scalars={
            name: draw(arrays(draw(FLOATS), num_points))
            for name in draw(st.lists(WORDS, unique=True, max_size=4))
        },
        layer_names=tuple(layers),
        layers={
            name: draw(arrays(draw(FLOATS), (num_points, len(layers))))
            for name in draw(st.lists(WORDS, unique=True, max_size=3))
        },
    )


def assert_same(found: Curves, expected: Curves) -> None:
    assert_array_equal(found.steps, expected.steps)
    assert found.steps.dtype == expected.steps.dtype
    assert found.layer_names == expected.layer_names
    for ours, theirs in ((found.scalars, expected.scalars), (found.layers, expected.layers)):
        assert list(ours) == list(theirs)
        for name, values in theirs.items():
            assert_array_equal(ours[name], values)
            assert ours[name].dtype == values.dtype


@given(some_curves())
def test_curves_come_back_as_they_were_nan_and_infinity_included(curves: Curves) -> None:
    assert_same(from_archive(to_archive(curves)), curves)


@given(some_curves())
def test_the_same_curves_give_the_same_bytes(curves: Curves) -> None:
    again = from_archive(to_archive(curves))
    assert to_archive(again) == to_archive(curves)


def test_columns_of_a_larger_array_are_kept_without_the_rest() -> None:
    table = np.arange(12, dtype=np.float32).reshape(3, 4)
    curves = Curves(np.arange(3), {"loss": table[:, 1]}, ("a", "b"), {"norm": table[:, 2:]})
    assert_same(from_archive(to_archive(curves)), curves)


def test_curves_that_were_read_may_be_written_to() -> None:
    curves = from_archive(to_archive(Curves(np.arange(2), {"loss": np.ones(2, np.float32)}, (), {})))
    curves.scalars["loss"][0] = 2.0
    assert curves.scalars["loss"].tolist() == [2.0, 1.0]


def test_archives_of_numpy_from_an_earlier_version_are_read() -> None:
    buffer = io.BytesIO()
    norms = np.ones((2, 1), np.float32)
    np.savez_compressed(
        buffer,
        **{"steps": np.arange(2), "layer_names": np.array(["dense1"]), "layer:grad_norm": norms},
        **{"scalar:loss": np.array([1.0, np.nan], np.float32)},
    )
    expected = Curves(
        np.arange(2), {"loss": np.array([1.0, np.nan], np.float32)}, ("dense1",), {"grad_norm": norms}
    )
    assert_same(from_archive(buffer.getvalue()), expected)


def test_what_is_no_archive_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="pickle"):
        from_archive(b"nothing of the kind")

"""Settings, numbers and tags in the shapes that MLflow accepts."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st

from sweeps.mlflow_drafts import LONGEST_PARAM, LONGEST_TAG, as_tags, flat_params, points

SETTINGS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["clip", "init", "optimizer"]), SETTINGS))
def test_any_settings_become_one_flat_level_of_text(settings: dict[str, object]) -> None:
    assert all(isinstance(value, str) for value in flat_params(settings).values())


def test_kinds_in_a_list_are_numbered() -> None:
    settings = {"regularisers": [{"kind": "l1", "weight": 0.1}, {"kind": "dropout"}]}
    assert flat_params(settings) == {
        "regularisers.0.kind": "l1",
        "regularisers.0.weight": "0.1",
        "regularisers.1.kind": "dropout",
    }


def test_a_setting_too_long_for_mlflow_is_cut() -> None:
    assert len(flat_params({"hidden": [1] * 10_000})["hidden"]) == LONGEST_PARAM


def test_numbers_that_are_not_finite_are_left_out() -> None:
    numbers = {"a": 1.0, "b": math.nan, "c": math.inf, "d": None, "e": -math.inf}
    assert [(point.key, point.value) for point in points(numbers, 0.0)] == [("a", 1.0)]


@given(st.dictionaries(st.text(min_size=1), st.text(max_size=10)))
def test_any_tag_gets_a_name_that_mlflow_accepts(tags: dict[str, str]) -> None:
    assert all(re.fullmatch(r"[/A-Za-z0-9_.\- :]+", key) for key in as_tags(tags))


def test_a_tag_of_the_greatest_length_stays_whole() -> None:
    assert as_tags({"a": "x" * LONGEST_TAG})["a"] == "x" * LONGEST_TAG
    assert as_tags({"a": "x" * (LONGEST_TAG + 1)})["a"].endswith("x…")

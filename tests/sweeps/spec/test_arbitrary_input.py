"""Whatever comes in, a spec or a `SpecError` comes out."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sweeps.spec import SpecError, parse_spec
from tests.sweeps.spec.examples import CLIP_VS_LR, digits

KEYS = st.sampled_from(
    ["name", "workload", "base", "axes", "seeds", "search", "kind", "values", "log_grid", "when", "optimizer",
     "optimizer.lr", "clip", "clip.kind", "clip.max_norm", "lr", "data", "model", "hidden", "tags"]
)  # fmt: skip
WORDS = st.sampled_from(["grid", "sobol", "digits", "mlp", "sgd", "none", "global_norm", "auto", "full"])
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=25,
)
SLOW_MACHINE = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)


def parses_or_is_refused(source: Any) -> None:
    refusal = None
    try:
        spec = parse_spec(source)
        assert parse_spec(spec.canonical()) == spec
    except SpecError as error:
        refusal = error
    if refusal is not None:
        assert refusal.problems
        assert str(refusal)
        json.dumps([problem.value for problem in refusal.problems], allow_nan=False).encode()


@SLOW_MACHINE
@given(st.dictionaries(KEYS, JSON, max_size=8))
def test_any_mapping_parses_or_is_refused(tree: dict[str, Any]) -> None:
    parses_or_is_refused(tree)


@SLOW_MACHINE
@given(KEYS, JSON)
def test_a_sound_spec_with_any_part_replaced_parses_or_is_refused(key: str, value: Any) -> None:
    parses_or_is_refused(digits(**{key: value}))


@SLOW_MACHINE
@given(st.dictionaries(KEYS, st.dictionaries(st.sampled_from(["values", "grid", "when", "uniform"]), JSON)))
def test_any_axes_parse_or_are_refused(axes: dict[str, Any]) -> None:
    parses_or_is_refused(digits(axes=axes))


@SLOW_MACHINE
@given(st.text() | st.binary(max_size=200))
def test_any_text_parses_or_is_refused(source: str | bytes) -> None:
    parses_or_is_refused(source)


@SLOW_MACHINE
@given(
    st.integers(0, len(CLIP_VS_LR)), st.integers(0, 12), st.text("{}[]:,#&*!|>'\"%@`\n\t -?x1", max_size=4)
)
def test_yaml_with_a_typing_mistake_parses_or_is_refused(start: int, length: int, typed: str) -> None:
    parses_or_is_refused(CLIP_VS_LR[:start] + typed + CLIP_VS_LR[start + length :])

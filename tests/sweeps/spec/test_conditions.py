from typing import Any

import pytest

from sweeps.spec import SpecError, SpecProblem, parse_spec
from tests.sweeps.spec.examples import digits

CLIPS = {"values": [{"kind": "none"}, {"kind": "global_norm"}, {"kind": "value", "max_value": 1}]}
NORMS = {"values": [1, 2], "when": {"clip.kind": "global_norm"}}


def problems_in(axes: dict[str, Any]) -> tuple[SpecProblem, ...]:
    with pytest.raises(SpecError) as caught:
        parse_spec(digits(axes=axes))
    return caught.value.problems


def test_an_axis_may_exist_only_where_another_axis_chose_its_kind() -> None:
    spec = parse_spec(digits(axes={"clip.max_norm": NORMS, "clip": CLIPS}))
    assert spec.axes["clip.max_norm"].when == {"clip.kind": "global_norm"}


def test_a_condition_may_name_several_values_and_settings_of_the_base() -> None:
    conditional = {"values": [5], "when": {"optimizer.kind": ["sgd", "adam"], "steps": 50}}
    parse_spec(digits(axes={"batch_size": conditional}))


def test_values_of_a_conditional_axis_are_checked_where_it_exists() -> None:
    (problem,) = problems_in({"clip": CLIPS, "clip.max_norm": {**NORMS, "values": [1, -2]}})
    assert (problem.path, problem.value) == ("axes.clip.max_norm.values[1]", -2)


def test_a_condition_on_an_unknown_setting_names_the_nearest() -> None:
    (problem,) = problems_in({"clip": CLIPS, "clip.max_norm": {**NORMS, "when": {"clip.knd": "global_norm"}}})
    assert (problem.path, problem.nearest) == ("axes.clip.max_norm.when.clip.knd", "clip.kind")


def test_a_condition_that_no_trial_meets_is_refused() -> None:
    (problem,) = problems_in({"clip": CLIPS, "clip.max_norm": {**NORMS, "when": {"clip.kind": "agc"}}})
    assert (problem.path, problem.expected) == (
        "axes.clip.max_norm.when",
        "a condition that some trial meets",
    )


def test_a_condition_that_is_too_wide_asks_for_a_narrower_one() -> None:
    (problem,) = problems_in({"clip": CLIPS, "clip.max_norm": {"values": [1]}})
    assert "`when: {clip.kind: [" in problem.expected


def test_axes_that_wait_for_each_other_are_refused() -> None:
    problems = problems_in(
        {
            "steps": {"values": [1], "when": {"batch_size": 64}},
            "batch_size": {"values": [64], "when": {"steps": 1}},
        }
    )
    assert {problem.path for problem in problems} == {"axes.steps.when", "axes.batch_size.when"}


def test_an_axis_cannot_depend_on_itself() -> None:
    (problem,) = problems_in({"clip": {**CLIPS, "when": {"clip.kind": "none"}}})
    assert problem.path == "axes.clip.when.clip.kind"


def test_a_condition_on_a_whole_kind_is_refused() -> None:
    (problem,) = problems_in({"steps": {"values": [1], "when": {"clip": {"kind": "none"}}}})
    assert problem.path == "axes.steps.when.clip"

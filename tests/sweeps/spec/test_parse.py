from typing import Any

import pytest

from sweeps.search import GridSearch, LogGrid, SobolSearch
from sweeps.spec import SpecError, SpecProblem, parse_spec
from tests.sweeps.spec.examples import CLIP_VS_LR, digits


def problems_in(spec: Any) -> dict[str, SpecProblem]:
    with pytest.raises(SpecError) as caught:
        parse_spec(spec)
    return {problem.path: problem for problem in caught.value.problems}


def test_the_spec_of_the_design_is_understood() -> None:
    spec = parse_spec(CLIP_VS_LR)
    assert spec.name == "clip-vs-lr"
    assert spec.axes["optimizer.lr"] == LogGrid(log_grid=(0.001, 100, 16))
    assert spec.search == GridSearch()
    assert (spec.seeds, spec.seed) == (3, 0)
    assert spec.resources.workers == "auto"


def test_the_canonical_form_reads_back_to_an_equal_spec() -> None:
    spec = parse_spec(CLIP_VS_LR)
    assert parse_spec(spec.canonical()) == spec
    assert parse_spec(spec.canonical()).canonical() == spec.canonical()


def test_every_part_but_name_workload_and_optimizer_has_a_default() -> None:
    spec = parse_spec(digits())
    assert (spec.axes, spec.seeds, spec.search.kind, spec.stopping.kind) == ({}, 1, "grid", "none")
    assert problems_in({}).keys() == {"name", "workload.data", "workload.model", "base.optimizer"}


def test_problems_of_every_part_are_told_at_once_each_with_its_place() -> None:
    text = """
name: bad
workload: {data: {kind: digts}, model: {kind: mlp, hiden: [3]}}
base:
  stepz: 10
  batch_size: 0
  optimizer: {kind: sgd}
axes:
  optimizer.lr: {values: [0.1, 1, -1, "0.1"]}
  clip: {values: [{kind: none}, {kind: global_norm, max_norm: -2, p: 3}]}
  init.sdt: {values: [1]}
  steps: {grid: [1, 2, 3]}
seeds: x
search: {kind: bayes}
stopping: {kind: early}
objective: {metric: eval_los}
resources: {gpus_per_worker: -1, packs: 3}
extra: 1
"""
    found = problems_in(text)
    places = {path: problem.line for path, problem in found.items()}
    assert places == {
        "workload.data.kind": 3, "workload.model.hiden": 3, "base.stepz": 5, "base.batch_size": 6,
        "axes.optimizer.lr.values[2]": 9, "axes.optimizer.lr.values[3]": 9,
        "axes.clip.values[1].max_norm": 10, "axes.clip.values[1].p": 10, "axes.init.sdt": 11,
        "axes.steps.grid": 12, "seeds": 13, "search.kind": 14, "stopping.kind": 15, "objective.metric": 16,
        "resources.gpus_per_worker": 17, "resources.packs": 17, "extra": 18,
    }  # fmt: skip
    nearest = {path: problem.nearest for path, problem in found.items() if problem.nearest}
    assert nearest == {
        "workload.data.kind": "digits", "workload.model.hiden": "hidden", "base.stepz": "steps",
        "axes.init.sdt": "init.std", "objective.metric": "eval_loss", "resources.packs": "pack",
    }  # fmt: skip
    assert found["axes.optimizer.lr.values[2]"].value == -1
    assert found["axes.optimizer.lr.values[2]"].expected == "a number above 0"
    assert found["axes.optimizer.lr.values[3]"].expected == "a number"
    assert found["base.batch_size"].expected == "a number above 0 or full"


@pytest.mark.parametrize("kind", ["bayes", "nonsense"])
def test_a_search_that_is_not_there_is_refused_naming_those_that_are(kind: str) -> None:
    problem = problems_in(digits(search={"kind": kind}))["search.kind"]
    assert (problem.value, problem.expected, problem.nearest) == (
        kind,
        "one of grid, random, sobol, edge, tpe, gp",
        None,
    )


@pytest.mark.parametrize("kind", ["hyperband", "nonsense"])
def test_a_stopping_rule_that_is_not_there_is_refused_naming_those_that_are(kind: str) -> None:
    problem = problems_in(digits(stopping={"kind": kind}))["stopping.kind"]
    assert (problem.value, problem.expected) == (kind, "one of none, halving, asha, median")


@pytest.mark.parametrize("kind", ["asha", "median"])
def test_rules_that_compare_packs_need_packs_of_one(kind: str) -> None:
    problem = problems_in(digits(stopping={"kind": kind}))["resources.pack"]
    assert (problem.value, problem.expected[:2]) == ("auto", "1,")
    assert parse_spec(digits(stopping={"kind": kind}, resources={"pack": 1})).stopping.kind == kind


def test_an_edge_search_takes_no_stopping_rule() -> None:
    problem = problems_in(digits(stopping={"kind": "halving"}, search={"kind": "edge"}))["stopping.kind"]
    assert "every trial at its last step" in problem.expected


@pytest.mark.parametrize(
    ("axis", "path", "expected"),
    [
        ({}, "axes.optimizer.lr", "exactly one of values, grid, log_grid"),
        ({"values": [1], "grid": [1, 2, 3]}, "axes.optimizer.lr", "exactly one of values, grid, log_grid"),
        ([1, 2], "axes.optimizer.lr", "a mapping with exactly one of"),
        ({"values": []}, "axes.optimizer.lr.values", "at least 1"),
        ({"values": 3}, "axes.optimizer.lr.values", "a list"),
        ({"values": [None]}, "axes.optimizer.lr.values[0]", "a number"),
        ({"values": [True]}, "axes.optimizer.lr.values[0]", "a number"),
        ({"grid": [1, 2, 0]}, "axes.optimizer.lr.grid[2]", "at least 1"),
        ({"grid": [1, 2, 2.5]}, "axes.optimizer.lr.grid[2]", "a whole number"),
        ({"grid": [2, 1, 3]}, "axes.optimizer.lr.grid", "lo ≤ hi"),
        ({"grid": [1, 2, 1]}, "axes.optimizer.lr.grid", "n ≥ 2"),
        ({"grid": [1, 2]}, "axes.optimizer.lr.grid", "[lo, hi, n]"),
        ({"grid": [1, 2, 3, 4]}, "axes.optimizer.lr.grid", "[lo, hi, n]"),
        ({"log_grid": [0, 2, 3]}, "axes.optimizer.lr.log_grid", "lo > 0"),
        ({"log_grid": [-1, 2, 3]}, "axes.optimizer.lr.log_grid", "lo > 0"),
        ({"log_uniform": [0, 2]}, "axes.optimizer.lr.log_uniform", "lo > 0"),
        ({"uniform": [2, 1]}, "axes.optimizer.lr.uniform", "lo ≤ hi"),
        ({"uniform": ["a", 1]}, "axes.optimizer.lr.uniform[0]", "a number"),
        ({"int_uniform": [1.5, 3]}, "axes.optimizer.lr.int_uniform[0]", "a whole number"),
        ({"int_uniform": [2**60, 2**61]}, "axes.optimizer.lr.int_uniform", "2**53"),
        ({"values": [1], "wehn": {}}, "axes.optimizer.lr.wehn", "one of when, values"),
    ],
)  # fmt: skip
def test_a_domain_that_cannot_be_is_refused_with_the_form_that_can(
    axis: Any, path: str, expected: str
) -> None:
    problems = problems_in(digits(axes={"optimizer.lr": axis}))
    assert list(problems) == [path]
    assert expected in problems[path].expected


def test_a_range_is_refused_under_grid_search_and_welcome_under_the_others() -> None:
    axes = {"optimizer.lr": {"log_uniform": [0.01, 1]}}
    assert list(problems_in(digits(axes=axes))) == ["axes.optimizer.lr.log_uniform"]
    spec = parse_spec(digits(axes=axes, search={"kind": "sobol", "trials": 8}))
    assert spec.search == SobolSearch(trials=8)


def test_what_the_base_lacks_an_axis_may_supply() -> None:
    lacking = digits(base={"optimizer": {"kind": "sgd"}})
    assert list(problems_in(lacking)) == ["base.optimizer.lr"]
    parse_spec({**lacking, "axes": {"optimizer.lr": {"values": [0.1]}}})
    parse_spec(digits(base={}, axes={"optimizer": {"values": [{"kind": "sgd", "lr": 1}]}}))


def test_a_misspelt_axis_is_not_also_told_as_a_missing_setting() -> None:
    lacking = digits(base={"optimizer": {"kind": "sgd"}}, axes={"optimizer.rl": {"values": [1]}})
    assert list(problems_in(lacking)) == ["axes.optimizer.rl"]


def test_an_axis_on_a_list_entry_that_nobody_gave_asks_for_the_entry() -> None:
    (problem,) = problems_in(digits(axes={"gradient.0.epsilon": {"values": [1]}})).values()
    assert (problem.path, problem.expected) == ("base.gradient[0]", "a mapping with a `kind`")


def test_a_worker_holds_a_fraction_of_a_unit_or_whole_ones() -> None:
    for amount in (0.25, 1, 2):
        parse_spec(digits(resources={"gpus_per_worker": amount, "cpus_per_worker": amount}))
    problems = problems_in(digits(resources={"gpus_per_worker": 1.5, "cpus_per_worker": 0}))
    assert problems.keys() == {"resources.gpus_per_worker", "resources.cpus_per_worker"}


def test_seeds_and_workload_belong_at_the_top() -> None:
    base = {"optimizer": {"kind": "sgd", "lr": 1}, "seed": 3, "workload": {}}
    assert problems_in(digits(base=base)).keys() == {"base.seed", "base.workload"}
    assert "seeds" in problems_in(digits(axes={"seed": {"values": [1, 2]}}))["axes.seed"].expected


def test_the_parameters_of_an_unknown_kind_are_not_complained_about() -> None:
    axes = {"clip": {"values": [{"kind": "globl_norm", "max_norm": 1}]}}
    (problem,) = problems_in(digits(axes=axes)).values()
    assert (problem.path, problem.nearest) == ("axes.clip.values[0].kind", "global_norm")


def test_a_parameter_of_a_kind_that_was_not_chosen_asks_for_a_condition() -> None:
    (problem,) = problems_in(digits(axes={"clip.max_norm": {"values": [1]}})).values()
    assert problem.path == "axes.clip.max_norm"
    assert "`when: {clip.kind:" in problem.expected


def test_more_problems_than_anyone_reads_end_with_a_word_that_there_are_more() -> None:
    axes = {"optimizer.lr": {"values": [-number for number in range(300)]}}
    problems = problems_in(digits(axes=axes))
    assert len(problems) == 101
    assert problems[""].value == "more than 100 problems"


def test_too_many_axes_are_refused() -> None:
    axes = {f"a{number}": {"values": [1]} for number in range(33)}
    assert problems_in(digits(axes=axes))["axes"].value == 33


@pytest.mark.parametrize(
    "part", ["workload", "base", "axes", "search", "resources", "tags", "objective", "stopping"]
)
@pytest.mark.parametrize("value", [None, 3, "x", [], [1], True])
def test_a_part_of_the_wrong_type_is_a_problem_at_its_place(part: str, value: Any) -> None:
    assert part in problems_in(digits(**{part: value}))


@pytest.mark.parametrize("name", ["", "x" * 201, "two\nlines", 3])
def test_a_name_is_one_short_line_of_text(name: Any) -> None:
    assert list(problems_in(digits(name=name))) == ["name"]

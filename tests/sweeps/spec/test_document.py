from typing import Any

import pytest

from sweeps.limits import DEFAULT_LIMITS, Limits
from sweeps.spec import SpecError
from sweeps.spec.document import read_document
from sweeps.spec.problems import SpecProblem
from sweeps.spec.tree import Mark


def problems_in(source: Any, limits: Limits = DEFAULT_LIMITS) -> tuple[SpecProblem, ...]:
    with pytest.raises(SpecError) as caught:
        read_document(source, limits)
    return caught.value.problems


def test_yaml_and_json_and_a_mapping_of_the_same_spec_read_the_same() -> None:
    from_yaml = read_document("a: 1e-3\nb: [1.0, no, ~]\nc: {x.y: '1'}\n", DEFAULT_LIMITS).tree
    from_json = read_document('{"a": 1e-3, "b": [1.0, "no", null],\t"c": {"x.y": "1"}}', DEFAULT_LIMITS).tree
    assert from_yaml == from_json == read_document(from_json, DEFAULT_LIMITS).tree
    assert from_yaml == {"a": 0.001, "b": [1, "no", None], "c": {"x.y": "1"}}


def test_whole_numbers_are_ints_however_they_were_written() -> None:
    tree = read_document("[{a: 1.0}, {a: 1e3}, {a: -0.0}]".join(["x: ", ""]), DEFAULT_LIMITS).tree
    assert [type(item["a"]) for item in tree["x"]] == [int, int, int]


def test_every_path_has_its_line_and_column() -> None:
    marks = read_document("a: 1\nb:\n  c.d: [5,\n    6]\n", DEFAULT_LIMITS).marks
    assert marks["a"] == Mark(1, 1)
    assert marks["b.c.d"] == Mark(3, 3)
    assert marks["b.c.d[1]"] == Mark(4, 5)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: [1, 2\nb: 3", 2, 2), ("a: b: c", 1, 5), ("a: 1\n---\nb: 2", 2, 1), ("\ta: 1", 1, 1)],
)
def test_malformed_yaml_is_refused_with_line_and_column(text: str, line: int, column: int) -> None:
    (problem,) = problems_in(text)
    assert (problem.line, problem.column) == (line, column)


def test_repeated_keys_are_refused_in_yaml_and_json() -> None:
    (in_yaml,) = problems_in("a: 1\nb: {c: 1, c: 2}\n")
    assert (in_yaml.path, in_yaml.line, in_yaml.column) == ("b.c", 2, 11)
    (in_json,) = problems_in('{"b": {"c": 1, "c": 2}}')
    assert in_json.path == "b.c"


def test_all_problems_of_the_text_are_told_at_once() -> None:
    problems = problems_in("a: .inf\n1: 2\nb: 1\nb: -.nan\n2.5: x\nc: [true, {~: 1}]\nb: .nan\n")
    assert [problem.line for problem in problems] == [1, 2, 4, 5, 6, 7, 7]


@pytest.mark.parametrize("number", [".inf", "-.inf", ".nan", "1e999", "9" * 5000])
def test_numbers_that_are_not_finite_are_refused(number: str) -> None:
    (problem,) = problems_in(f"a: {number}")
    assert problem.path == "a"
    assert problem.expected == "a finite number"


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '{"a": 1e999}'])
def test_json_numbers_that_are_not_finite_are_refused(text: str) -> None:
    (problem,) = problems_in(text)
    assert problem.expected == "a finite number"


def test_a_whole_number_beyond_64_bits_is_refused() -> None:
    (problem,) = problems_in({"a": 10**30})
    assert "2**63" in problem.expected


@pytest.mark.parametrize("key", ["1", "1.5", "true", "~", "[a]", "{a: 1}"])
def test_a_key_that_is_not_text_is_refused(key: str) -> None:
    problems = problems_in(f"? {key}\n: 1\n")
    assert "a name as key" in problems[0].expected


def test_an_alias_bomb_is_refused_at_its_first_alias() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    (problem,) = problems_in(bomb)
    assert (problem.value, problem.line) == ("*a", 2)


def test_a_shared_mapping_that_would_unfold_without_end_is_refused() -> None:
    tree: dict[str, Any] = {"leaf": 1}
    for _ in range(25):
        tree = {"left": tree, "right": tree}
    (problem,) = problems_in(tree)
    assert "50,000 values" in problem.expected


def test_a_mapping_that_holds_itself_is_refused() -> None:
    tree: dict[str, Any] = {}
    tree["again"] = tree
    assert "inside each other" in problems_in(tree)[0].expected


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 100_000, '{"a":' + "[" * 100_000, "a:\n" + "- " * 50_000 + "x"]
)
def test_deep_nesting_is_refused_without_being_built(text: str) -> None:
    (problem,) = problems_in(text)
    assert "at most 32 lists and mappings" in problem.expected


def test_a_yaml_tag_is_refused() -> None:
    (problem,) = problems_in("a: !!python/object/apply:os.system [ls]")
    assert "tag" in problem.expected


def test_text_beyond_the_limit_is_refused_with_its_size() -> None:
    (problem,) = problems_in("a: " + "x" * 300_000)
    assert problem.value == "300,003 bytes"
    assert "262,144 bytes" in problem.expected
    assert problems_in("a: 12345", Limits(max_spec_bytes=5))[0].value == "8 bytes"


@pytest.mark.parametrize(
    "source", [b"\xff\xfe\x00", "a: \ud800", "a\x00: 1", 'a: "\\ud800"', {"a": "\ud800"}]
)
def test_what_is_not_text_is_refused(source: Any) -> None:
    assert len(problems_in(source)) == 1


@pytest.mark.parametrize("source", ["", "[1, 2]", "just words", "~", "3", "# nothing"])
def test_a_document_that_is_no_mapping_is_refused(source: str) -> None:
    (problem,) = problems_in(source)
    assert "a mapping" in problem.expected


def test_a_byte_order_mark_is_no_part_of_the_spec() -> None:
    assert read_document(b"\xef\xbb\xbfa: 1", DEFAULT_LIMITS).tree == {"a": 1}


def test_values_that_json_has_no_word_for_are_refused() -> None:
    (problem,) = problems_in({"a": object()})
    assert (problem.path, problem.value) == ("a", "object")

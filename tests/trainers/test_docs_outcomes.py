"""docs/outcomes.md names every outcome, rule and threshold, and its confusion table is whole."""

import re
from pathlib import Path

import pytest

from trainers.outcomes import thresholds
from trainers.record import OUTCOMES

PAGE = (Path(__file__).parents[2] / "docs" / "outcomes.md").read_text(encoding="utf-8")
TABLE = PAGE.split("<!-- confusion: begin -->")[1].split("<!-- confusion: end -->")[0]
NAMES = [name for name in vars(thresholds) if name.isupper()]
JUDGED = [outcome for outcome in OUTCOMES if outcome != "failed"]


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_is_on_the_page(outcome: str) -> None:
    assert f"| `{outcome}` | " in PAGE


@pytest.mark.parametrize("name", NAMES)
def test_every_threshold_has_a_row_with_its_value_and_reason(name: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
    _, _, value, reason, _ = (part.strip() for part in row.split("|"))
    assert float(value) == getattr(thresholds, name)
    assert reason


def test_no_threshold_is_listed_that_does_not_exist() -> None:
    assert set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", PAGE)) == set(NAMES)


def test_the_confusion_table_names_every_outcome_and_adds_up() -> None:
    rows = [line.strip("| ").split(" | ") for line in TABLE.splitlines() if line.startswith("|")]
    header, _, *lines = rows
    assert header[1:-1] == JUDGED
    numbers = [[0 if cell == "·" else int(cell) for cell in line[1:]] for line in lines]
    assert [line[0] for line in lines] == [*(f"**{outcome}**" for outcome in JUDGED), "all"]
    assert all(sum(line[:-1]) == line[-1] for line in numbers)
    assert [sum(column) for column in zip(*numbers[:-1], strict=True)] == numbers[-1]
    agreed, total = map(int, re.findall(r"(\d+) of (\d+) trials agree", TABLE)[0])
    assert total == numbers[-1][-1] >= 500
    assert agreed == sum(numbers[place][place] for place in range(len(JUDGED)))

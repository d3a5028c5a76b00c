"""docs/workloads.md names every kind of data and model, and the sizes that it gives are those of the code."""

import re
from pathlib import Path

import pytest

from trainers.catalogue import catalogue
from trainers.data import Cifar10, DataBase, Digits, FashionMnist, JapaneseVowels, Mnist

PAGE = (Path(__file__).parents[2] / "docs" / "workloads.md").read_text(encoding="utf-8")
KINDS = [entry.kind for family in ("data", "model") for entry in catalogue().family(family).kinds]
SIZED: list[DataBase] = [Digits(), Mnist(), FashionMnist(), Cifar10(), JapaneseVowels()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_on_the_page(kind: str) -> None:
    assert f"`{kind}`" in PAGE


@pytest.mark.parametrize("config", SIZED, ids=lambda config: config.model_dump()["kind"])
def test_the_numbers_of_examples_are_those_of_the_data(config: DataBase) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{config.model_dump()['kind']}`"))
    found = re.search(r"([\d,]+) \+ ", row)
    assert found is not None
    assert int(found.group(1).replace(",", "")) == config.shape().num_examples

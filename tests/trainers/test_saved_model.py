"""A trial trained once more is the same trial, and its model comes back from files as it was."""

from pathlib import Path

import pytest
import torch

from trainers.config import TrialConfig
from trainers.once import train_once
from trainers.pack import PackRun, PackTrial
from trainers.saved_model import WEIGHTS, load_model, model_files


def trial(**changes: object) -> PackTrial:
    config = {
        "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [8]}},
        "optimizer": {"kind": "sgd", "lr": 0.1},
        "steps": 20,
        "seed": 5,
    }
    return PackTrial(3, TrialConfig.model_validate(config | changes))


def saved(trial: PackTrial, folder: Path) -> dict[str, float | None]:
    """Train and write the files; the trial's final numbers."""
    trained = train_once(trial)
    for name, data in model_files(trained).items():
        (folder / name).write_bytes(data)
    return trained.record.final


def test_the_same_config_and_seed_give_the_same_record_and_parameters() -> None:
    first, second = train_once(trial()), train_once(trial())
    (packed,) = PackRun([trial()]).advance(60.0)
    assert first.record.final == second.record.final == packed.final
    assert all(torch.equal(value, second.params[name]) for name, value in first.params.items())


def test_another_seed_gives_other_parameters() -> None:
    first, second = train_once(trial()), train_once(trial(seed=6))
    assert not all(torch.equal(value, second.params[name]) for name, value in first.params.items())


@pytest.mark.parametrize(
    "changes", [{}, {"dtype": "bfloat16"}, {"optimizer": {"kind": "gadam", "lr": 0.01}}], ids=str
)
def test_a_loaded_model_has_the_loss_that_was_recorded(changes: dict[str, object], tmp_path: Path) -> None:
    final = saved(trial(**changes), tmp_path)
    scores = load_model(tmp_path).evaluate()
    assert scores["eval_loss"] == final["eval_loss"]
    assert scores["eval_accuracy"] == final["eval_accuracy"]


def test_a_loaded_model_gives_an_output_for_each_example(tmp_path: Path) -> None:
    saved(trial(), tmp_path)
    model = load_model(tmp_path)
    inputs = torch.rand(7, 1, 8, 8)
    assert model(inputs).shape == (7, 10)
    assert torch.allclose(model(inputs[:1]), model(inputs)[:1], atol=1e-6)


def test_weights_are_a_state_dict_of_tensors(tmp_path: Path) -> None:
    saved(trial(), tmp_path)
    weights = torch.load(tmp_path / WEIGHTS, weights_only=True)
    assert all(isinstance(value, torch.Tensor) for value in weights.values())


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path)

"""What holds for every kind of data."""

import pytest
import torch

from tests.trainers.data.kinds import FREE, label
from trainers.data import DataBase, Dataset

every_kind = pytest.mark.parametrize("config", FREE, ids=label)


@every_kind
def test_the_shape_told_without_loading_is_that_of_the_data(config: DataBase) -> None:
    assert config.shape() == config.load().shape


@every_kind
def test_reading_again_gives_the_same_numbers(config: DataBase) -> None:
    first, second = config.read(), config.read()
    for name in ("inputs", "targets", "eval_inputs", "eval_targets"):
        assert torch.equal(getattr(first, name), getattr(second, name))


@every_kind
def test_a_process_keeps_one_copy(config: DataBase) -> None:
    assert config.load() is type(config)(**config.model_dump()).load()


@every_kind
def test_nothing_is_missing(config: DataBase) -> None:
    assert config.missing() is None


@every_kind
def test_targets_are_what_the_task_says(config: DataBase) -> None:
    dataset = config.read()
    check_targets(dataset, dataset.targets, len(dataset.inputs))
    check_targets(dataset, dataset.eval_targets, len(dataset.eval_inputs))


def check_targets(dataset: Dataset, targets: torch.Tensor, num_examples: int) -> None:
    if dataset.task == "regression":
        assert targets.shape == (num_examples, dataset.output_size)
        assert targets.dtype == torch.float32
        return
    if dataset.task == "detection":
        assert targets.shape == (num_examples, 5)
        classes = targets[:, 0].long()
        assert torch.equal(classes.float(), targets[:, 0])
        assert int(classes.max()) < dataset.output_size - 4
        return
    steps = dataset.input_shape[:1] if dataset.task == "language" else ()
    assert targets.shape == (num_examples, *steps)
    assert targets.dtype == torch.int64
    assert 0 <= int(targets.min()) <= int(targets.max()) < dataset.output_size


@every_kind
def test_inputs_are_finite_numbers_or_known_tokens(config: DataBase) -> None:
    dataset = config.read()
    for inputs in (dataset.inputs, dataset.eval_inputs):
        assert inputs.shape[1:] == dataset.input_shape
        if dataset.num_tokens is None:
            assert inputs.dtype == torch.float32
            assert inputs.isfinite().all()
        else:
            assert inputs.dtype == torch.int64
            assert 0 <= int(inputs.min()) <= int(inputs.max()) < dataset.num_tokens


@pytest.mark.parametrize("config", [c for c in FREE if "seed" in type(c).model_fields], ids=label)
def test_another_seed_gives_other_data(config: DataBase) -> None:
    other = config.model_copy(update={"seed": 1})
    assert not torch.equal(config.read().inputs, other.read().inputs)

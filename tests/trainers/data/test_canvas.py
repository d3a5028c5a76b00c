"""Digits on a canvas: the box holds the digit, the class is its label."""

import torch

from trainers.data import DigitCanvas, Digits


def test_without_noise_all_ink_lies_in_the_box() -> None:
    dataset = DigitCanvas(noise=0.0).read()
    for image, (_, x, y, width, height) in zip(
        dataset.eval_inputs, dataset.eval_targets.tolist(), strict=True
    ):
        left, right = round((x - width / 2) * 24), round((x + width / 2) * 24)
        top, bottom = round((y - height / 2) * 24), round((y + height / 2) * 24)
        assert 0 <= left < right <= 24
        assert 0 <= top < bottom <= 24
        inside = image[0, top:bottom, left:right]
        assert float(inside.sum()) > 0
        torch.testing.assert_close(image.sum(), inside.sum())


def test_classes_are_those_of_the_digits() -> None:
    dataset, digits = DigitCanvas().read(), Digits().load()
    assert torch.equal(dataset.targets[:, 0].long(), digits.targets)
    assert torch.equal(dataset.eval_targets[:, 0].long(), digits.eval_targets)


def test_sizes_and_places_vary() -> None:
    targets = DigitCanvas().read().targets
    assert len(targets[:, 3].unique()) == 9
    assert float(targets[:, 1].std()) > 0.1
    assert float(targets[:, 2].std()) > 0.1


def test_noise_covers_the_background() -> None:
    quiet, noisy = DigitCanvas(noise=0.0).read(), DigitCanvas(noise=0.2).read()
    assert abs(float((noisy.inputs - quiet.inputs).std()) - 0.2) < 0.01

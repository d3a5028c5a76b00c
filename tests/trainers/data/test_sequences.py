"""Long-memory problems: what is asked, and what can be known without memory."""

from math import log

import pytest
import torch

from trainers.data import Adding, CopyMemory, ModularAddition, TemporalOrder


@pytest.mark.parametrize("length", [2, 3, 50])
def test_the_sum_is_that_of_one_marked_number_in_each_half(length: int) -> None:
    dataset = Adding(length=length, n=500, num_eval=10).read()
    numbers, marks = dataset.inputs.unbind(dim=2)
    assert set(marks.unique().tolist()) <= {0.0, 1.0}
    assert (marks[:, : length // 2].sum(dim=1) == 1).all()
    assert (marks[:, length // 2 :].sum(dim=1) == 1).all()
    torch.testing.assert_close((numbers * marks).sum(dim=1), dataset.targets[:, 0])


def test_half_the_sum_is_half_the_sum() -> None:
    whole, half = Adding(n=20, num_eval=1).read(), Adding(n=20, num_eval=1, variant="half_sum").read()
    assert torch.equal(whole.inputs, half.inputs)
    assert torch.equal(whole.targets, 2 * half.targets)


def test_symmetric_numbers_reach_below_zero() -> None:
    numbers = Adding(n=100, num_eval=1, variant="symmetric").read().inputs[..., 0]
    assert -1 <= float(numbers.min()) < -0.9
    assert 0.9 < float(numbers.max()) <= 1


@pytest.mark.parametrize("relevant", [2, 3])
@pytest.mark.parametrize("length", [10, 50])
def test_the_class_is_the_order_of_the_relevant_symbols(relevant: int, length: int) -> None:
    dataset = TemporalOrder(length=length, relevant=relevant, n=300, num_eval=10).read()
    for tokens, target in zip(dataset.inputs.tolist(), dataset.targets.tolist(), strict=True):
        bits = [token - 4 for token in tokens if token >= 4]
        assert len(bits) == relevant
        assert int("".join(map(str, bits)), 2) == target
    assert len(dataset.targets.unique()) == 2**relevant


def test_the_copy_is_asked_for_after_the_delay() -> None:
    dataset = CopyMemory(delay=5, n=50, num_eval=10).read()
    assert torch.equal(dataset.inputs[:, :10], dataset.targets[:, -10:])
    assert int(dataset.inputs[:, :10].max()) < 8
    assert (dataset.targets[:, :-10] == 8).all()
    assert (dataset.inputs[:, 14] == 9).all()
    assert (dataset.inputs[:, 10:14] == 8).all()
    assert (dataset.inputs[:, 15:] == 8).all()


def test_copying_without_memory_scores_what_its_docstring_says() -> None:
    dataset = CopyMemory(delay=30, n=2000, num_eval=1).read()
    probabilities = torch.zeros(50, 9)
    probabilities[:40, 8] = 1.0
    probabilities[40:, :8] = 1 / 8
    losses = -probabilities.log().expand(2000, 50, 9).gather(2, dataset.targets.unsqueeze(2))
    assert float(losses.mean()) == pytest.approx(10 * log(8) / 50, rel=1e-5)


def test_modular_sums_are_right_and_each_is_either_seen_or_held_out() -> None:
    dataset = ModularAddition(p=11, train_share=0.3).read()
    tokens = torch.cat([dataset.inputs, dataset.eval_inputs])
    targets = torch.cat([dataset.targets, dataset.eval_targets])
    assert torch.equal((tokens[:, 0] + tokens[:, 1]) % 11, targets)
    assert (tokens[:, 2] == 11).all()
    assert len({tuple(row) for row in tokens[:, :2].tolist()}) == len(tokens) == 121
    assert len(dataset.inputs) == round(0.3 * 121)

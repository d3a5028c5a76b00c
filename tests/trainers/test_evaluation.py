"""Evaluating in passes gives what one pass gives."""

import pytest
import torch

from tests.trainers.trials import trial
from trainers import supervised
from trainers.initial import InitialRows
from trainers.supervised import Supervised


@pytest.mark.parametrize(("most", "least"), [(7, 1), (600, 1), (1, 50)])
def test_the_number_of_passes_changes_no_metric(
    most: int, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = [trial(seed=seed).config for seed in range(3)]
    workload, initial = Supervised.build(configs[0].workload, "cpu", torch.float64), InitialRows()
    params = workload.layout.views(torch.stack([initial(config, workload) for config in configs]))
    expected = workload.evaluate(params)
    monkeypatch.setattr(supervised, "MAX_EVAL_ROWS", most)
    monkeypatch.setattr(supervised, "MIN_EVAL_ROWS", least)
    found = workload.evaluate(params)
    assert found.keys() == expected.keys() == {"eval_loss", "eval_accuracy"}
    for name, values in expected.items():
        torch.testing.assert_close(found[name], values)

"""½ of the mean squared error: everything halves, and nothing else changes."""

from typing import Any

import pytest
import torch

from sweeps.plan_workload import workload_facts
from tests.trainers.trials import train, trial
from trainers.config import WorkloadConfig
from trainers.errors import ConfigError
from trainers.initial import InitialRows
from trainers.supervised import Supervised
from trainers.tape import SilentTape

LINE: dict[str, Any] = {"data": {"kind": "linear_regression"}, "model": {"kind": "mlp", "hidden": []}}
HALVED = LINE | {"loss": "half_squared_error"}


def test_losses_and_the_baseline_are_halves() -> None:
    config = trial(workload=HALVED).config
    whole, half = (
        Supervised.build(WorkloadConfig.model_validate(fields), "cpu", torch.float64)
        for fields in (LINE, HALVED)
    )
    params = half.layout.views(InitialRows()(config, half).unsqueeze(0))
    batch = half.batch(torch.arange(10).unsqueeze(0))
    assert half.loss(params, *batch, SilentTape()) == whole.loss(params, *batch, SilentTape()) / 2
    assert half.evaluate(params)["eval_loss"] == whole.evaluate(params)["eval_loss"] / 2
    assert half.baseline_loss == (whole.baseline_loss or 0) / 2 > 0


def test_twice_the_learning_rate_makes_the_same_steps() -> None:
    half, whole = (
        train([trial(workload=workload, lr=lr, dtype="float64")])[0]
        for workload, lr in ((HALVED, 0.02), (LINE, 0.01))
    )
    assert half.final["eval_loss"] == pytest.approx((whole.final["eval_loss"] or 0) / 2, rel=1e-12)
    assert half.verdict.outcome == whole.verdict.outcome


def test_where_there_is_no_squared_error_it_is_refused_before_anything_trains() -> None:
    digits = WorkloadConfig.model_validate(
        {"data": {"kind": "digits"}, "model": {"kind": "mlp"}, "loss": "half_squared_error"}
    )
    with pytest.raises(ConfigError, match="classification"):
        workload_facts(digits)
    with pytest.raises(ConfigError, match="needs numbers to predict"):
        Supervised.build(digits, "cpu", torch.float32)

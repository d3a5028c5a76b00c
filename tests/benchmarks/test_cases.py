"""That contestants train what gradsweep trains."""

import pytest

from benchmarks.cases import CASES, CURVES, Case
from benchmarks.completeness import NUM_PARAMS
from benchmarks.plain_training import train_bare, train_windows
from sweeps.plan import make_plan
from sweeps.spec import parse_spec
from trainers.reporting import report_steps

SMALL = Case(
    "small",
    {"kind": "digits"},
    {"kind": "mlp", "hidden": [128, 64]},
    "mlp 64-128-64-10",
    steps=25,
    num_lrs=2,
    max_norms=(None, 1.0),
    num_seeds=1,
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_spec_plans_the_trials_that_the_contestants_train(case: Case) -> None:
    import yaml

    plan = make_plan(parse_spec(yaml.safe_dump(case.spec())))
    ours = sorted(
        (t.config.optimizer.lr, getattr(t.config.clip, "max_norm", None) or 0.0, t.repeat)
        for t in plan.trials
    )
    theirs = sorted((s.lr, s.max_norm or 0.0, s.seed) for s in case.settings)
    assert ours == theirs
    config = plan.trials[0].config
    assert (config.steps, config.batch_size) == (case.steps, case.batch_size)
    assert len(report_steps(config)) == case.num_points


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_case_is_named_after_its_number_of_trials(case: Case) -> None:
    assert case.name.endswith(f"_{case.num_trials}")


def test_a_trial_gives_every_curve_in_every_window_and_is_evaluated_at_its_end() -> None:
    windows = list(train_windows(SMALL, SMALL.settings[0]))
    assert [window.step for window in windows] == [9, 19, 24]
    assert all(tuple(window.curves) == CURVES for window in windows)
    assert [bool(window.final) for window in windows] == [False, False, True]


@pytest.mark.parametrize("setting", SMALL.settings)
def test_measuring_curves_does_not_change_what_is_trained(setting) -> None:
    assert list(train_windows(SMALL, setting))[-1].final == train_bare(SMALL, setting)


def test_every_trial_has_the_params_that_are_required() -> None:
    assert len(SMALL.params(SMALL.settings[0])) == NUM_PARAMS

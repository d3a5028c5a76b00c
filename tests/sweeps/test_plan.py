import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.limits import DEFAULT_LIMITS, Limits
from sweeps.plan import Plan, cell_key, make_plan
from sweeps.spec import SpecError, SpecProblem, parse_spec
from tests.sweeps.spec.examples import CLIP_VS_LR, digits
from trainers.config import TrialConfig
from trainers.seeds import derive_seed

LRS = {"log_grid": [0.01, 1, 3]}
CLIPS = {"values": [{"kind": "none"}, {"kind": "global_norm"}]}


def plan_of(**changes: Any) -> Plan:
    return make_plan(parse_spec(digits(**changes)))


def refusal_of(spec: dict[str, Any], limits: Limits = DEFAULT_LIMITS) -> SpecProblem:
    with pytest.raises(SpecError) as caught:
        make_plan(parse_spec(spec), limits)
    (problem,) = caught.value.problems
    return problem


def test_a_grid_is_planned_in_axis_order_with_repeats_together() -> None:
    plan = plan_of(axes={"clip": CLIPS, "optimizer.lr": LRS}, seeds=2)
    assert len(plan.trials) == 12
    assert plan.num_configurations == 6
    assert [trial.number for trial in plan.trials] == list(range(12))
    assert [(trial.config_number, trial.repeat) for trial in plan.trials[:3]] == [(0, 0), (0, 1), (1, 0)]
    assert [trial.axes["optimizer.lr"] for trial in plan.trials[::2]] == [0.01, 0.1, 1, 0.01, 0.1, 1]
    assert plan.trials[6].axes["clip"] == {"kind": "global_norm"}


def test_a_trial_is_its_base_with_its_axes_and_its_own_seed() -> None:
    trial = plan_of(axes={"optimizer.lr": LRS}, seed=5).trials[1]
    assert trial.config == TrialConfig.model_validate(
        {
            "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [16]}},
            "optimizer": {"kind": "sgd", "lr": 0.1},
            "steps": 50,
            "seed": derive_seed(5, "trial", 1),
        }
    )


def test_configurations_can_share_their_seeds() -> None:
    own = plan_of(axes={"optimizer.lr": LRS}, seeds=2)
    shared = plan_of(axes={"optimizer.lr": LRS}, seeds=2, shared_seeds=True)
    assert len({trial.config.seed for trial in own.trials}) == 6
    seeds = [trial.config.seed for trial in shared.trials]
    assert seeds == seeds[:2] * 3
    assert len(set(seeds)) == 2


def test_a_plan_without_axes_repeats_one_configuration() -> None:
    plan = plan_of(seeds=3)
    assert len({trial.config.seed for trial in plan.trials}) == 3
    assert plan.num_configurations == 1


def test_configurations_that_come_to_the_same_are_planned_once() -> None:
    same = {"values": [{"kind": "global_norm"}, {"kind": "global_norm", "max_norm": 1.0}, {"kind": "none"}]}
    plan = plan_of(axes={"clip": same}, seeds=2)
    assert (plan.num_configurations, plan.num_duplicates, len(plan.trials)) == (2, 1, 4)
    assert plan.trials[0].axes == {"clip": {"kind": "global_norm"}}


def test_a_conditional_axis_is_set_only_where_it_exists() -> None:
    norms = {"values": [2, 4], "when": {"clip.kind": "global_norm"}}
    plan = plan_of(axes={"clip": CLIPS, "clip.max_norm": norms})
    assert [trial.axes.get("clip.max_norm") for trial in plan.trials] == [None, 2, 4]
    assert [trial.config.clip.model_dump().get("max_norm") for trial in plan.trials] == [None, 2, 4]


@pytest.mark.parametrize(
    "search", [{"kind": "grid"}, {"kind": "random", "trials": 9}, {"kind": "sobol", "trials": 9}]
)
def test_the_same_spec_gives_the_same_plan_byte_for_byte(search: dict[str, Any]) -> None:
    changes = {"axes": {"optimizer.lr": LRS, "clip": CLIPS}, "search": search, "seeds": 2}
    plan = plan_of(**changes)
    assert plan.to_json() == plan_of(**changes).to_json()
    assert plan.to_json() == make_plan(parse_spec(plan.spec.canonical())).to_json()
    assert plan.packs(3) == plan_of(**changes).packs(3)


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(1, 12), st.integers(1, 3), st.sampled_from(["random", "sobol"]))
def test_any_seed_gives_one_plan(seed: int, trials: int, seeds: int, kind: str) -> None:
    axes = {"optimizer.lr": {"log_uniform": [1e-4, 10]}, "steps": {"int_uniform": [1, 50]}}
    changes = {"axes": axes, "search": {"kind": kind, "trials": trials}, "seed": seed, "seeds": seeds}
    plan = plan_of(**changes)
    assert plan.to_json() == plan_of(**changes).to_json()
    assert len(plan.trials) == plan.num_configurations * seeds
    assert plan.num_configurations + plan.num_duplicates == trials


def test_another_sweep_seed_gives_every_trial_another_seed() -> None:
    one, other = plan_of(seeds=4), plan_of(seeds=4, seed=1)
    assert not {trial.config.seed for trial in one.trials} & {trial.config.seed for trial in other.trials}


def test_a_plan_is_strict_json() -> None:
    plan = json.loads(plan_of(axes={"optimizer.lr": LRS}).to_json())
    assert plan["trials"][0]["axes"] == {"optimizer.lr": 0.01}
    assert plan["trials"][0]["config"]["optimizer"]["kind"] == "sgd"
    assert plan["spec"]["name"] == "digits"


def test_a_billion_trials_are_refused_by_counting() -> None:
    axes = {"optimizer.lr": {"log_grid": [0.01, 1, 10**6]}, "init.std": {"grid": [1, 2, 1000]}}
    spec = digits(axes=axes)
    spec["base"]["init"] = {"kind": "normal", "std": 1}
    problem = refusal_of(spec)
    assert problem.path == "axes"
    assert "1,000,000,000 trials" in problem.value
    assert "50,000 trials" in problem.expected
    assert "fewer `seeds`" in problem.expected


def test_too_many_draws_are_refused_where_they_were_asked_for() -> None:
    problem = refusal_of(digits(search={"kind": "random", "trials": 10**9}))
    assert problem.path == "search.trials"
    assert refusal_of(digits(seeds=3), Limits(max_trials=2)).value == "3 trials = 1 configurations × 3 seeds"


def test_a_grid_that_is_small_because_of_its_conditions_is_not_refused() -> None:
    norms = {"log_grid": [0.1, 10, 30], "when": {"clip.kind": "global_norm"}}
    spec = digits(axes={"clip": CLIPS, "clip.max_norm": norms})
    assert len(make_plan(parse_spec(spec), Limits(max_trials=31)).trials) == 31
    assert "60 trials" in refusal_of(spec, Limits(max_trials=30)).value


def test_too_many_steps_are_refused_for_one_trial_and_for_all() -> None:
    assert refusal_of(digits(), Limits(max_steps=49)).path == "base.steps"
    in_axis = digits(axes={"steps": {"values": [10, 60]}})
    assert refusal_of(in_axis, Limits(max_steps=50)).path == "axes.steps"
    problem = refusal_of(digits(seeds=4), Limits(max_trial_steps=199))
    assert problem.value == "200 steps in 4 trials"


def test_a_model_with_too_many_parameters_is_refused_without_being_made() -> None:
    model = {"kind": "mlp", "hidden": [10**7, 10**7]}
    problem = refusal_of(digits(workload={"data": {"kind": "digits"}, "model": model}))
    assert problem.path == "workload.model"
    assert "100,000,000" in problem.expected
    wide = digits(axes={"workload.model.hidden": {"values": [[8], [10**9]]}})
    assert refusal_of(wide).path == "axes.workload.model.hidden"


def test_a_plan_whose_data_is_not_here_is_refused_saying_which_files_go_where() -> None:
    data = {"kind": "fashion_mnist", "folder": "no-such-folder"}
    problem = refusal_of(digits(workload={"data": data, "model": {"kind": "mlp"}}))
    assert problem.path == "workload.data"
    assert "train-images-idx3-ubyte" in problem.expected
    assert "no-such-folder" in problem.expected


def test_a_model_that_cannot_take_the_data_is_refused() -> None:
    model = {"kind": "cnn", "channels": [8, 8, 8, 8]}
    problem = refusal_of(digits(workload={"data": {"kind": "digits"}, "model": model}))
    assert problem.path == "workload.model"
    assert "pixels" in problem.expected
    kernels = digits(workload={"data": {"kind": "digits"}, "model": {"kind": "cnn"}})
    kernels["axes"] = {"workload.model.kernel": {"values": [3, 9]}}
    assert refusal_of(kernels).path == "axes.workload.model.kernel"


def test_what_only_the_whole_plan_shows_is_told_with_its_place() -> None:
    fits = {"values": [[8]] * 70 + [[-1]], "when": {"steps": list(range(1, 90))}}
    spec = digits(axes={"steps": {"grid": [1, 80, 80]}, "workload.model.hidden": fits})
    with pytest.raises(SpecError) as caught:
        make_plan(parse_spec(spec))
    assert caught.value.problems[0].path.startswith("axes.workload.model.hidden.values[70]")


def test_trials_of_one_cell_share_everything_but_learning_rate_and_seed() -> None:
    plan = plan_of(axes={"clip": CLIPS, "optimizer.lr": LRS}, seeds=2)
    cells = [cell_key(trial.config) for trial in plan.trials]
    assert len(set(cells)) == 2
    assert len(set(cells[:6])) == 1


def test_the_design_s_example_comes_to_its_numbers() -> None:
    summary = make_plan(parse_spec(CLIP_VS_LR)).summary(workers=2)
    assert (summary.num_trials, summary.num_configurations, summary.num_cells) == (192, 64, 4)
    assert summary.num_trial_steps == 192 * 300
    assert [(size.label, size.num_parameters) for size in summary.models] == [("mlp on mnist", 109_386)]
    assert summary.warnings == ()


def test_a_rate_for_a_layer_that_the_model_does_not_have_is_refused_with_the_nearest_one() -> None:
    base = {"optimizer": {"kind": "sgd", "lr": 0.1}, "layer_lr": {"outptu": 0.1, "dense*": 1}}
    problem = refusal_of(digits(base=base))
    assert (problem.path, problem.nearest) == ("base.layer_lr.outptu", "output")
    assert "dense1, output" in problem.expected
    axis = digits(axes={"layer_lr.dense2": {"values": [0.1, 1]}, "optimizer.lr": LRS})
    assert (refusal_of(axis).path, refusal_of(axis).nearest) == ("axes.layer_lr.dense2", "dense1")


def test_layers_of_every_model_that_is_tried_are_looked_at() -> None:
    hidden = {"values": [[8], [8, 8]]}
    spec = digits(axes={"workload.model.hidden": hidden, "layer_lr.dense2": {"values": [0.1, 1]}})
    assert refusal_of(spec).path == "axes.layer_lr.dense2"
    there = digits(axes={"workload.model.hidden": hidden, "layer_lr.dense*": {"values": [0.1, 1]}})
    assert len(make_plan(parse_spec(there)).trials) == 4


def test_a_regulariser_that_the_data_are_not_made_for_is_refused_before_anything_runs() -> None:
    axes = {"regularisers": {"values": [[], [{"kind": "l2"}, {"kind": "label_smoothing"}]]}}
    spec = digits(workload={"data": {"kind": "adding"}, "model": {"kind": "mlp"}}, axes=axes)
    problem = refusal_of(spec)
    assert (problem.path, problem.value) == ("axes.regularisers", "label_smoothing")
    assert "class targets" in problem.expected
    assert len(make_plan(parse_spec(digits(axes=axes))).trials) == 2

"""Each outcome and its neighbours, on both sides of the line between them."""

import numpy as np
import pytest

from tests.trainers.outcomes.runs import NUM_STEPS, falling, level, run
from trainers.outcomes import Ending, judge


def outcome(*args, **kwargs):  # type: ignore[no-untyped-def]
    return judge(run(*args, **kwargs)).outcome


def test_a_falling_loss_is_stable() -> None:
    assert outcome(falling()) == "stable"
    assert outcome(falling(noise=0.0)) == "stable"


def test_what_broke_exploded_and_its_evidence_is_handed_on() -> None:
    verdict = judge(run(falling()[:9], ending=Ending("exploded", 8, "backward", "dense2")))
    assert verdict.outcome == "exploded"
    evidence = verdict.evidence
    assert (evidence.step, evidence.phase, evidence.layer) == (8, "backward", "dense2")


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize(("statistic", "phase"), [("loss", "forward"), ("grad_norm", "backward")])
def test_a_non_finite_statistic_exploded_even_when_no_loop_says_so(
    statistic: str, phase: str, value: float
) -> None:
    series = {"loss": falling(), "grad_norm": np.ones(NUM_STEPS)}
    series[statistic][7] = value
    verdict = judge(run(series.pop("loss"), **series))
    assert (verdict.outcome, verdict.evidence.step, verdict.evidence.phase) == ("exploded", 7, phase)


def test_of_several_breaks_the_first_is_named_and_of_one_step_the_first_phase() -> None:
    loss, norms, weights = falling(), np.ones(NUM_STEPS), np.full(NUM_STEPS, 10.0)
    loss[30] = norms[20] = norms[21] = np.nan
    evidence = judge(run(loss, grad_norm=norms)).evidence
    assert (evidence.step, evidence.phase) == (20, "backward")
    loss[20] = np.inf
    evidence = judge(run(loss, grad_norm=norms)).evidence
    assert (evidence.step, evidence.phase) == (20, "forward")
    weights[15] = np.inf
    evidence = judge(run(loss, grad_norm=norms, weight_norm=weights)).evidence
    assert (evidence.step, evidence.phase) == (14, "update")


def test_a_net_of_zeros_has_no_update_ratio_and_has_not_exploded() -> None:
    ratio, weights = np.full(NUM_STEPS, 0.01), np.full(NUM_STEPS, 10.0)
    ratio[0], weights[0] = np.inf, 0.0
    assert outcome(falling(), update_ratio=ratio, weight_norm=weights) == "stable"


def test_a_loss_of_zero_from_the_start_is_stable_and_a_rise_from_zero_is_not() -> None:
    nothing = np.zeros(NUM_STEPS)
    assert outcome(nothing, grad_norm=nothing) == "stable"
    assert outcome(np.linspace(0.0, 1.0, NUM_STEPS)) == "diverged"
    assert outcome(np.linspace(0.0, 1e-9, NUM_STEPS)) == "diverged"


def test_a_loss_may_be_negative() -> None:
    assert outcome(np.linspace(-1.0, -3.0, NUM_STEPS)) == "stable"
    assert outcome(np.linspace(1.0, -3.0, NUM_STEPS)) == "stable"
    assert outcome(level(-1.0, noise=0.0)) == "stalled"
    assert outcome(np.linspace(-1.0, 1.0, NUM_STEPS)) == "diverged"
    assert outcome(np.linspace(-1.0, 3e6, NUM_STEPS)) == "diverged"
    assert outcome(level(-1.0, noise=0.0), layers=(0.0, 1.0)) == "vanished"
    risen = np.linspace(-1.0, -3.0, NUM_STEPS)
    risen[-100:] = level(-1.1, 100)
    assert outcome(risen) == "oscillating"
    jumping = np.linspace(-1.0, -3.0, NUM_STEPS)
    jumping[250:260] += 4.0
    assert outcome(jumping) == "spiky"


def test_a_loss_a_million_times_its_start_diverged() -> None:
    loss = falling()
    loss[50] = 1.9e6
    assert outcome(loss) == "spiky"
    loss[50] = 2.2e6
    verdict = judge(run(loss))
    assert (verdict.outcome, verdict.evidence.step) == ("diverged", 50)


def test_ending_above_the_start_diverged_and_just_below_stalled() -> None:
    assert outcome(np.linspace(2.0, 2.2, NUM_STEPS)) == "diverged"
    assert outcome(level(1.995, noise=0.0)) == "stalled"


def test_a_batch_that_happened_to_be_easy_is_no_divergence() -> None:
    noisy = level(2.0, noise=0.2)
    noisy[0] = 1.7
    assert outcome(noisy) == "stalled"
    assert outcome(noisy + np.linspace(0, 2, NUM_STEPS)) == "diverged"


def test_while_the_weights_rest_batches_average_to_the_first_loss() -> None:
    noisy = level(2.0, noise=0.5)
    resting = run(noisy, update_ratio=np.full(NUM_STEPS, 1e-7))
    assert resting.initial_loss == pytest.approx(2.0, abs=0.1)
    assert judge(resting).outcome == "stalled"


def test_small_steps_that_change_the_loss_are_no_rest() -> None:
    moving = run(np.linspace(2.0, 1.6, NUM_STEPS), update_ratio=np.full(NUM_STEPS, 1e-7))
    assert moving.initial_loss == pytest.approx(2.0, abs=0.05)
    assert judge(moving).outcome == "stable"


def test_a_gain_that_is_lost_in_the_noise_of_batches_is_stalled() -> None:
    noisy = level(1.96, noise=0.3)
    noisy[0] = 2.0
    assert outcome(noisy) == "stalled"
    assert outcome(noisy - np.linspace(0, 0.2, NUM_STEPS)) == "stable"
    calm = level(1.96)
    calm[0] = 2.0
    assert outcome(calm) == "stable"


def test_one_percent_is_the_line_between_stalled_and_stable() -> None:
    assert outcome(np.linspace(2.0, 1.985, NUM_STEPS)) == "stalled"
    assert outcome(np.linspace(2.0, 1.97, NUM_STEPS)) == "stable"


def test_a_gradient_that_does_not_reach_the_first_layer_vanished() -> None:
    verdict = judge(run(level(1.99), layers=(0.9e-5, 1.0)))
    assert verdict.outcome == "vanished"
    assert verdict.evidence.layer == "layer0"
    assert outcome(level(1.99), layers=(1.1e-5, 1.0)) == "stalled"


def test_a_net_that_learns_all_the_same_has_not_vanished() -> None:
    assert outcome(falling(), layers=(1e-7, 1.0)) == "stable"


def test_a_gradient_norm_far_below_its_start_vanished() -> None:
    norms = np.ones(NUM_STEPS)
    norms[1:] = 0.9e-7
    assert outcome(level(1.99), grad_norm=norms) == "vanished"
    norms[1:] = 1.1e-7
    assert outcome(level(1.99), grad_norm=norms) == "stalled"


def test_a_run_that_reached_what_noise_leaves_has_not_vanished_and_a_dead_one_has() -> None:
    norms = np.exp(-np.arange(NUM_STEPS) / 5.0)
    near_its_floor = falling(end=1.9, noise=0.0)
    assert outcome(near_its_floor, grad_norm=norms) == "stable"
    norms[200:] = 0.0
    assert outcome(near_its_floor, grad_norm=norms) == "vanished"


def test_where_a_constant_answer_costs_nothing_no_run_is_stuck_at_it() -> None:
    assert outcome(falling(end=0.01), baseline=0.0, layers=(0.0, 1.0)) == "stable"


def test_a_converged_run_has_no_gradient_left_and_has_not_vanished() -> None:
    norms = np.exp(-np.arange(NUM_STEPS) / 5.0)
    assert outcome(falling(end=1e-9, noise=0.0), grad_norm=norms) == "stable"


def test_a_dead_net_that_rises_a_little_vanished_and_one_that_rises_far_diverged() -> None:
    assert outcome(np.linspace(2.0, 2.5, NUM_STEPS), layers=(0.0, 1.0)) == "vanished"
    assert outcome(np.linspace(2.0, 20.0, NUM_STEPS), layers=(0.0, 1.0)) == "diverged"


def test_falling_from_a_bad_start_to_a_constant_prediction_is_no_training() -> None:
    fallen = level(2.31)
    fallen[:50] = np.linspace(200.0, 2.31, 50)
    assert outcome(fallen, baseline=2.3) == "stalled"
    assert outcome(fallen, baseline=2.3, layers=(0.0, 1.0)) == "vanished"
    assert outcome(fallen) == "stable"
    assert outcome(falling(start=200.0, end=1.8), baseline=2.3) == "stable"
    assert outcome(falling(start=2.4, end=2.31), baseline=2.3) == "stable"
    passing = np.concatenate([fallen[:100], np.linspace(2.36, 2.28, NUM_STEPS - 100)])
    assert outcome(passing, baseline=2.3) == "stable"


def test_bouncing_at_a_level_is_oscillating() -> None:
    loss = level(0.8)
    loss[:50] = np.linspace(2.0, 0.8, 50)
    bouncing = np.full(NUM_STEPS, -0.95)
    verdict = judge(run(loss, grad_cosine=bouncing))
    assert verdict.outcome == "oscillating"
    assert verdict.evidence.value == pytest.approx(-0.95)
    assert outcome(loss, grad_cosine=np.full(NUM_STEPS, -0.6)) == "stable"


def test_where_every_step_is_clipped_half_a_bounce_is_oscillating() -> None:
    loss = level(0.8)
    loss[:50] = np.linspace(2.0, 0.8, 50)
    half, quarter = np.full(NUM_STEPS, -0.35), np.full(NUM_STEPS, -0.25)
    always, often = np.ones(NUM_STEPS), np.tile([1.0, 1.0, 1.0, 1.0, 0.0], NUM_STEPS // 5)
    assert outcome(loss, grad_cosine=half, clipped=always) == "oscillating"
    assert outcome(loss, grad_cosine=quarter, clipped=always) == "stable"
    assert outcome(loss, grad_cosine=half, clipped=often) == "stable"


def test_bouncing_while_descending_is_the_edge_of_stability_and_stable() -> None:
    bouncing, always = np.full(NUM_STEPS, -0.95), np.ones(NUM_STEPS)
    assert outcome(np.linspace(2.0, 1.0, NUM_STEPS), grad_cosine=bouncing) == "stable"
    assert outcome(np.linspace(2.0, 1.0, NUM_STEPS), grad_cosine=bouncing, clipped=always) == "stable"
    slowly = np.concatenate([np.linspace(2.0, 1.05, 200), np.linspace(1.05, 1.02, NUM_STEPS - 200)])
    assert outcome(slowly, grad_cosine=bouncing) == "stable"
    assert outcome(slowly, grad_cosine=bouncing, clipped=always) == "oscillating"


def test_the_bounce_of_the_last_digits_is_stable() -> None:
    loss = np.full(NUM_STEPS, 1e-5)
    loss[0] = 1.0
    assert outcome(loss, grad_cosine=np.full(NUM_STEPS, -1.0)) == "stable"
    loss[1:] = 1e-3
    assert outcome(loss, grad_cosine=np.full(NUM_STEPS, -1.0)) == "oscillating"


def test_moving_about_far_above_its_best_is_oscillating() -> None:
    loss = falling()
    loss[-100:] = level(0.36, 100)
    assert outcome(loss) == "oscillating"
    loss[-100:] = level(0.3, 100)
    assert outcome(loss) == "stable"


def test_a_jump_that_heals_is_spiky() -> None:
    loss = falling()
    loss[250] += 0.5
    verdict = judge(run(loss))
    assert (verdict.outcome, verdict.evidence.step) == ("spiky", 250)


@pytest.mark.parametrize("step", [60, 120, 250, 399])
def test_a_jump_by_half_of_the_start_is_spiky_though_the_window_still_holds_the_descent(step: int) -> None:
    loss = np.where(np.arange(NUM_STEPS) < 40, 2.0, 0.01) + np.resize([0.0, 0.004, -0.004], NUM_STEPS)
    assert outcome(loss) == "stable"
    loss[step] = 1.05
    verdict = judge(run(loss))
    assert (verdict.outcome, verdict.evidence.step) == ("spiky", step)


@pytest.mark.parametrize("step", [5, 39])
def test_a_jump_in_warm_up_is_none(step: int) -> None:
    loss = falling()
    loss[step] += 3.0
    assert outcome(loss) == "stable"


def test_a_jump_below_half_of_the_start_is_left_to_the_spike_score() -> None:
    loss = falling(end=0.01, noise=0.001)
    loss[:60], loss[60] = 2.0, 1.05
    loss[61:80] = 0.9
    assert outcome(loss) == "stable"
    level_before = np.median(loss[60:80])
    loss[80] = level_before + 0.95
    assert outcome(loss) == "stable"
    loss[80] = level_before + 1.05
    assert outcome(loss) == "spiky"


def test_a_jump_that_hard_batches_make_all_the_time_is_none() -> None:
    loss = falling(end=0.01, noise=0.001)
    loss[40:90] = np.resize([0.2, 0.5, 0.05, 0.4, 0.1], 50)
    loss[80] = 1.3
    assert outcome(loss) == "stable"
    loss[40:80] = np.resize([0.2, 0.22, 0.18, 0.21, 0.19], 40)
    assert outcome(loss) == "spiky"


def test_a_jump_that_matters_little_is_none() -> None:
    loss = falling(end=0.001, noise=0.0001)
    loss[300] += 0.03
    assert outcome(loss) == "stable"


def test_a_long_peak_after_warm_up_is_spiky_and_before_it_is_not() -> None:
    loss = falling()
    loss[10:30] = 5.0
    assert outcome(loss) == "stable"
    loss[60:120] = np.linspace(1.0, 5.0, 60)
    assert outcome(loss) == "spiky"


@pytest.mark.parametrize("num_steps", [1, 2, 3, 19, 20, 21, 41])
def test_short_runs_are_judged_too(num_steps: int) -> None:
    assert outcome(np.linspace(2.0, 1.0, num_steps)) == ("stalled" if num_steps == 1 else "stable")
    assert outcome(np.full(num_steps, 2.0)) == "stalled"


def test_one_layer_or_unknown_layers_cannot_have_vanished_between_them() -> None:
    assert outcome(level(1.99), layers=(1.0,)) == "stalled"

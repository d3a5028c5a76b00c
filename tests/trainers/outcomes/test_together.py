"""Runs that are judged together get what each would get alone."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.trainers.outcomes.runs import falling, level, run
from trainers.outcomes import TrainedRun, judge, stability_score
from trainers.outcomes.run import share_traits
from trainers.outcomes.traits import Traits
from trainers.statistics.series import StepSeries

NUMBERS = (
    "num_unmoved", "initial_loss", "scale", "tail_loss", "gain", "tail_deviation", "best_loss",
    "is_descending", "is_falling", "tail_cosine", "tail_norm", "is_always_clipped",
    "smoothness", "first_to_last_gradient",
)  # fmt: skip


@st.composite
def different_runs(draw: st.DrawFn, num_steps: int) -> TrainedRun:
    """Any of the outcomes, with noise of its own."""
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    loss = draw(st.sampled_from([falling, level]))(draw(st.floats(0.1, 3.0)), num_steps=num_steps)
    loss = loss + draw(st.sampled_from([0.0, 0.02, 0.3])) * random.standard_normal(num_steps)
    loss[draw(st.integers(0, num_steps - 1))] *= draw(st.sampled_from([1.0, 3.0, -20.0, 1e8, np.nan, np.inf]))
    cosine = np.where(random.random(num_steps) < 0.1, np.nan, draw(st.sampled_from([-0.9, 0.1])))
    cosine[0] = np.nan  # there is no step before
    return run(
        loss,
        grad_cosine=cosine,
        clipped=random.random(num_steps).round(),
        update_ratio=np.full(num_steps, draw(st.sampled_from([0.0, 1e-6, 3e-5, 1e-3]))),
        layers=(draw(st.sampled_from([1e-7, 1.0])), 1.0),
        baseline=draw(st.sampled_from([None, 1.0])),
    )


@st.composite
def runs_of_equal_length(draw: st.DrawFn) -> list[TrainedRun]:
    num_steps = draw(st.sampled_from([1, 2, 19, 45, 150]))
    return draw(st.lists(different_runs(num_steps), min_size=1, max_size=5))


def shared(runs: list[TrainedRun]) -> list[TrainedRun]:
    """The same runs, which know each other."""
    arrays = {name: np.stack([getattr(one.series, name) for one in runs]) for name in StepSeries.names()}
    copies = [replace(one) for one in runs]
    share_traits(copies, Traits(StepSeries(**arrays), np.stack([one.layer_grad_norms for one in runs])))
    return copies


@given(runs_of_equal_length())
def test_runs_together_get_the_verdict_and_score_of_each_alone(runs: list[TrainedRun]) -> None:
    for alone, together in zip(runs, shared(runs), strict=True):
        verdict = judge(alone)
        assert repr(judge(together)) == repr(verdict)
        assert stability_score(together, verdict.outcome) == stability_score(alone, verdict.outcome)


@given(runs_of_equal_length())
def test_their_traits_are_those_of_each_alone_to_the_last_bit(runs: list[TrainedRun]) -> None:
    with np.errstate(all="ignore"):
        for alone, together in zip(runs, shared(runs), strict=True):
            for name in NUMBERS:
                np.testing.assert_array_equal(getattr(together, name), getattr(alone, name), err_msg=name)

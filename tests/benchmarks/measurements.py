"""Measurements for the tests of what is made of them."""

from benchmarks.measurement import Measurement


def measured(contestant: str, seconds: float, *, round: int = 1, case: str = "digits_mlp_128") -> Measurement:
    """A turn that took `seconds`, everything being in MLflow."""
    return Measurement(
        round=round,
        case=case,
        contestant=contestant,
        num_trials=128,
        num_timed=128,
        seconds=seconds,
        timed_seconds=seconds,
        cpu_seconds=2 * seconds,
        others_cpu_seconds=0.25 * seconds,
        start_seconds=2.0,
        first_result_seconds=None if contestant == "bare_loop" else 0.5,
        points_per_trial=0 if contestant == "bare_loop" else 160,
        median_train_loss=0.5,
        problems=(),
        commit="abc1234",
        measured_at=1_795_000_000.0 + round,
    )

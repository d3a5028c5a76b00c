"""Sweeps that MLflow refuses rest longer each time, and the others do not."""

from sweeps.mlflow_backoff import LONGEST_PAUSE_SECONDS, Backoff


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_failure_doubles_the_pause_up_to_a_limit() -> None:
    backoff = Backoff(Clock())
    assert [backoff.failed("a") for _ in range(8)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff.failed("b") == 1


def test_a_key_rests_until_its_pause_is_over() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    backoff.failed("a")
    assert backoff.resting() == {"a"}
    clock.now += 1
    assert backoff.resting() == set()


def test_success_forgets_failures() -> None:
    backoff = Backoff(Clock())
    for _ in range(10):
        backoff.failed("a")
    backoff.succeeded("a")
    assert backoff.resting() == set()
    assert backoff.failed("a") == 1
    assert LONGEST_PAUSE_SECONDS == 60

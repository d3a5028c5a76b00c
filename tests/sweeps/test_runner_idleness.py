from sweeps.runner_idleness import Idleness


def test_workers_are_warmed_once_in_an_idle_time() -> None:
    warmed: list[str] = []
    idle = Idleness(lambda: warmed.append("workers"), seconds=0.0)
    assert warmed == []
    for _ in range(3):
        idle.goes_on()
    assert warmed == ["workers"]


def test_a_time_that_has_only_begun_warms_nobody() -> None:
    warmed: list[str] = []
    idle = Idleness(lambda: warmed.append("workers"), seconds=3600.0)
    idle.goes_on()
    assert warmed == []

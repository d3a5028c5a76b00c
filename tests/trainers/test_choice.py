"""Which stack size is chosen, whatever noise the measurements carry."""

from collections.abc import Callable
from random import Random

import pytest
import torch

from tests.trainers.trials import trial
from trainers import choice
from trainers.choice import WORTHWHILE, Choice, TimedStack, choose, climb
from trainers.initial import InitialRows
from trainers.stack import Stack
from trainers.supervised import Supervised

MANY = 1_000_000


class Machine:
    """Gives sizes their cost, times the machine's speed at that moment."""

    def __init__(self, cost: Callable[[int], float], speed: Callable[[], float] = lambda: 1.0) -> None:
        self.cost = cost
        self.speed = speed
        self.tried: list[int] = []

    def rival(self, size: int) -> "Runner":
        self.tried.append(size)
        return Runner(size, self)

    def choose(self, limit: int = 128, num_trial_steps: int = MANY) -> Choice:
        return climb(self.rival(1), self.rival, limit, num_trial_steps)


class Runner:
    def __init__(self, size: int, machine: Machine) -> None:
        self.size = size
        self._machine = machine

    def seconds(self) -> float:
        return self._machine.cost(self.size) * self._machine.speed()


def dispatch_bound(size: int) -> float:
    """Half a millisecond for each step, and a tenth for each member."""
    return 1e-4 + 5e-4 / size


def memory_bound(size: int) -> float:
    """Stacking costs: what fitted the cache does so no more."""
    return 6e-4 * (1.0 if size == 1 else 1.1)


def drifting(seed: int) -> Callable[[], float]:
    """A machine that others slow down for whole stretches, up to threefold, and that stumbles at times."""
    draw = Random(seed)
    state = {"slow": 1.0}

    def speed() -> float:
        if draw.random() < 0.1:
            state["slow"] = draw.uniform(1.0, 3.0)
        return state["slow"] * draw.uniform(0.97, 1.03) * (10.0 if draw.random() < 0.05 else 1.0)

    return speed


def test_the_smallest_size_is_taken_that_a_larger_one_does_not_clearly_beat() -> None:
    assert Machine(dispatch_bound).choose(limit=64).stack_size == 32
    assert dispatch_bound(64) > WORTHWHILE * dispatch_bound(32)
    assert Machine(dispatch_bound).choose(limit=128).stack_size == 128
    assert dispatch_bound(128) < WORTHWHILE * dispatch_bound(32)


def test_every_machine_in_whatever_mood_trains_wide_layers_one_after_another() -> None:
    chosen = {Machine(memory_bound, drifting(seed)).choose().stack_size for seed in range(200)}
    assert chosen == {1}


def test_on_a_machine_that_drifts_the_choice_costs_little_more_than_the_best() -> None:
    for seed in range(200):
        chosen = Machine(dispatch_bound, drifting(seed)).choose().stack_size
        assert dispatch_bound(chosen) < 1.35 * dispatch_bound(128)


def test_the_climb_ends_where_stacking_is_hopeless() -> None:
    machine = Machine(lambda size: 1e-3 * size)
    assert machine.choose().stack_size == 1
    assert machine.tried == [1, 2]


def test_the_climb_ends_where_larger_stacks_gain_nothing() -> None:
    machine = Machine(lambda size: 1e-3 if size < 4 else 5e-4)
    assert machine.choose().stack_size == 4
    assert machine.tried == [1, 2, 4, 8, 16]


def test_no_size_above_the_limit_is_tried() -> None:
    machine = Machine(dispatch_bound)
    machine.choose(limit=5)
    assert machine.tried == [1, 2, 4]


def test_a_short_pack_is_not_measured_for_longer_than_measuring_can_save() -> None:
    machine = Machine(dispatch_bound)
    assert machine.choose(num_trial_steps=100).stack_size == 1
    assert machine.tried == [1]


def make_stack(size: int) -> Stack:
    trials = [trial(number) for number in range(size)]
    workload = Supervised.build(trials[0].config.workload, "cpu", torch.float32)
    return Stack(trials, workload, InitialRows(), "cpu", torch.float32)


def test_a_timed_stack_makes_as_many_steps_as_it_is_asked_for() -> None:
    timed = TimedStack(make_stack(2), "cpu")
    before = timed.stack.params.clone()
    assert all(timed.seconds() > 0 for _ in range(50))
    assert not torch.equal(timed.stack.params, before)


@pytest.mark.parametrize(("room", "expected"), [(1000, 48), (20, 20)])
def test_an_accelerator_takes_as_many_as_there_are_or_fit(
    room: int, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "largest_stack", lambda member_bytes, device: room)
    found = choose(make_stack, num_trials=48, num_steps=100, device="cuda")
    assert (found.stack_size, found.seconds_per_trial_step) == (expected, {})
    assert found.member_bytes > 0

from collections.abc import Sequence

import pytest

from sweeps.plan_packs import PlannedPack, PlannedTrial
from sweeps.runner_queue import LOSSES_BEFORE_SPLITTING, REPEATED_LOSSES_IN_A_ROW, PackQueue, packs_left
from tests.sweeps.small_sweep import small_plan


def packs(num_packs: int, size: int) -> list[PlannedPack]:
    trials = small_plan(seeds=num_packs * size, axes={}).trials
    return [
        PlannedPack(number, "signature", trials[number * size : (number + 1) * size])
        for number in range(num_packs)
    ]


def taken(queue: PackQueue) -> PlannedPack:
    pack = queue.take()
    assert pack is not None
    return pack


def numbers(trials: Sequence[PlannedTrial]) -> list[int]:
    return [trial.number for trial in trials]


def lose_everything(queue: PackQueue, deadly: set[int]) -> tuple[list[int], list[int], int]:
    """Hand packs out until none is left; a worker dies of a deadly trial. Ended, given up, losses."""
    ended: list[int] = []
    given_up: list[int] = []
    num_losses = 0
    while (pack := queue.take()) is not None:
        mine = numbers(pack.trials)
        if deadly.intersection(mine):
            given_up += numbers(queue.lost(pack.number))
            num_losses += 1
        else:
            ended += mine
            queue.ended(mine)
            queue.done(pack.number)
    return ended, given_up, num_losses


def test_packs_go_out_in_order_and_once() -> None:
    queue = PackQueue(packs(3, 2))
    assert [taken(queue).number for _ in range(3)] == [0, 1, 2]
    assert queue.take() is None
    assert not queue.finished


def test_a_queue_is_finished_when_every_pack_is_done() -> None:
    queue = PackQueue(packs(2, 2))
    for _ in range(2):
        queue.done(taken(queue).number)
    assert queue.finished


def test_a_lost_pack_goes_out_again_without_the_trials_that_have_ended() -> None:
    queue = PackQueue(packs(1, 4))
    queue.ended([1, 3]) if taken(queue) else None
    assert queue.lost(0) == ()
    again = taken(queue)
    assert (again.number, numbers(again.trials)) == (0, [0, 2])


def test_a_pack_lost_after_its_last_trial_does_not_go_out_again() -> None:
    queue = PackQueue(packs(1, 2))
    taken(queue)
    queue.ended([0, 1])
    assert queue.lost(0) == ()
    assert queue.finished


def test_lost_packs_wait_behind_those_that_have_done_no_harm() -> None:
    queue = PackQueue(packs(2, 2))
    queue.lost(taken(queue).number)
    assert [taken(queue).number, taken(queue).number] == [1, 0]


@pytest.mark.parametrize("deadly", [0, 5, 31])
def test_a_trial_that_kills_its_workers_is_found_and_the_others_end(deadly: int) -> None:
    ended, given_up, _ = lose_everything(PackQueue(packs(2, 16)), {deadly})
    assert given_up == [deadly]
    assert sorted(ended) == [number for number in range(32) if number != deadly]


def test_no_trial_is_handed_out_after_it_ended_nor_lost_on_the_way() -> None:
    ended, given_up, _ = lose_everything(PackQueue(packs(4, 8)), {3, 12, 13, 30})
    assert sorted(ended + given_up) == list(range(32))
    assert {3, 12, 13, 30} <= set(given_up)


def test_when_every_worker_dies_the_queue_gives_up_soon() -> None:
    num_packs = 16
    ended, given_up, num_losses = lose_everything(PackQueue(packs(num_packs, 8)), set(range(128)))
    assert (ended, sorted(given_up)) == ([], list(range(128)))
    assert num_losses <= LOSSES_BEFORE_SPLITTING * num_packs + 2 * REPEATED_LOSSES_IN_A_ROW


def test_a_machine_that_takes_all_its_workers_with_it_costs_no_trial() -> None:
    queue = PackQueue(packs(64, 1))
    for _ in range(64):
        assert queue.lost(taken(queue).number) == ()
    assert lose_everything(queue, set())[0] == list(range(64))


def test_what_is_left_of_a_plan_has_new_numbers_and_no_ended_trial() -> None:
    left = packs_left(packs(3, 2), {0, 2, 3}, first=7)
    assert [(pack.number, numbers(pack.trials)) for pack in left] == [(7, [1]), (8, [4, 5])]


def test_nothing_is_left_of_a_plan_that_has_ended() -> None:
    assert packs_left(packs(2, 2), {0, 1, 2, 3}, first=2) == []
    assert PackQueue([]).finished

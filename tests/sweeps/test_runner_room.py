"""A sweep waits for machines that join its cluster late, and for none that will not come."""

from collections.abc import Callable, Iterator

from sweeps.runner_room import wait_for_room


def saying(*answers: int) -> Callable[[], int]:
    """A look that finds one after the other, and the last from then on."""

    def each() -> Iterator[int]:
        yield from answers
        while True:
            yield answers[-1]

    looks = each()
    return lambda: next(looks)


def test_room_that_is_there_is_taken_at_once() -> None:
    def never() -> bool:
        raise AssertionError("nothing is waited for")

    assert wait_for_room(lambda: 4, never, seconds=60.0) == 4


def test_a_machine_that_joins_later_is_waited_for() -> None:
    assert wait_for_room(saying(0, 0, 2), lambda: False, seconds=60.0) == 2


def test_after_a_while_nobody_is_waited_for() -> None:
    assert wait_for_room(saying(0), lambda: False, seconds=0.3) == 0


def test_where_no_machine_can_join_there_is_one_look() -> None:
    looks: list[int] = []
    assert wait_for_room(lambda: looks.append(1) or 0, lambda: False, seconds=0.0) == 0
    assert len(looks) == 1


def test_a_wait_ends_when_the_sweep_is_to_end() -> None:
    ends = iter([False, True])
    assert wait_for_room(saying(0), lambda: next(ends), seconds=60.0) == 0

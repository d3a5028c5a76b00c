"""Sweep ids are short, sortable and safe."""

import re
import threading

from sweeps.ledger.ids import SweepIds


def test_an_id_can_stand_in_a_url_and_on_a_command_line() -> None:
    assert re.fullmatch(r"[0-9a-z]{14}", SweepIds().next())


def test_ids_of_one_process_grow() -> None:
    ids = SweepIds()
    made = [ids.next() for _ in range(2000)]
    assert made == sorted(set(made))


def test_threads_never_make_the_same_id() -> None:
    ids = SweepIds()
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(ids.next() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000

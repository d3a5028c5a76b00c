"""Waiting for a sweep in the terminal, and in a file."""

import io
import threading
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from service.cli.app import app
from service.cli.exits import OK, SWEEP_NOT_COMPLETED
from service.cli.format import outcome_counts
from service.cli.watch import Watch, follow
from service.client import Client
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service import samples
from tests.service.samples import TINY


def screen(height: int = 50) -> Console:
    """A terminal that remembers what was written to it."""
    return Console(file=io.StringIO(), force_terminal=True, width=110, height=height, _environ={})


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_file_gets_plain_lines_and_the_last_one_is_complete() -> None:
    console = Console(file=io.StringIO(), width=60)
    with Watch(console, 10, lambda: "never asked for") as watch:
        watch.say("training")
        for num_ended in range(1, 11):
            watch.update(num_ended, {"stable": num_ended})
    lines = written(console).splitlines()
    assert lines[0] == "training"
    assert lines[-1] == "10/10 trials: 10 stable"
    assert len(lines) < 10
    assert "\x1b" not in written(console)


@pytest.mark.parametrize(("height", "shown"), [(50, True), (10, False)])
def test_a_terminal_shows_the_map_while_it_fills_in_where_there_is_room(height: int, shown: bool) -> None:
    console = screen(height)
    with Watch(console, 10, lambda: "the map\n" * 8) as watch:
        watch.update(4, {"stable": 3, "exploded": 1})
        watch.say("writing the report")
    text = written(console)
    assert "3 " in text
    assert "exploded" in text
    assert ("the map" in text) == shown


def test_of_a_map_that_is_too_tall_the_panels_are_shown_that_fit() -> None:
    panel = "\n".join(f"row {number}" for number in range(6))
    for height, num_panels in ((30, 3), (20, 2), (8, 0)):
        console = screen(height)
        with Watch(console, 10, lambda: "\n\n".join([panel] * 3) + "\n") as watch:
            watch.update(1, {"stable": 1})
        assert written(console).count("row 5") == num_panels
        assert ("…" in written(console)) == (0 < num_panels < 3)


def test_before_a_trial_has_ended_there_is_no_map() -> None:
    console = screen()
    with Watch(console, 10, lambda: "the map") as watch:
        watch.update(0, {})
    assert "the map" not in written(console)


def test_counts_stand_in_one_order_whatever_ended_first() -> None:
    assert outcome_counts({"exploded": 2, "spiky": 0, "stable": 3}).startswith("3 [green]stable")


def test_following_shows_every_stage_and_returns_the_sweep_as_it_ended(
    server: str, ledger: Ledger, sweep: Sweep
) -> None:
    claimed = samples.claim(ledger)
    samples.train(ledger, claimed)
    samples.finish(ledger, claimed)
    console = screen()
    with Client(server) as client:
        ended = follow(client, client.sweep(sweep.id), console)
    assert ended["status"] == "completed"
    for expected in ("training", "48/48", "24", "exploded", "global_norm:1", "writing the report"):
        assert expected in written(console)


def submit_and_watch(server: str, folder: Path, *options: str) -> tuple[int, str, str]:
    path = folder / "tiny.yaml"
    path.write_text(TINY)
    environment = {"GRADSWEEP_SERVER": server, "COLUMNS": "140", "NO_COLOR": "1"}
    result = CliRunner(env=environment).invoke(app, ["submit", str(path), "--watch", *options])
    return result.exit_code, result.stdout, result.stderr


def in_background(ledger: Ledger, end: str) -> threading.Thread:
    """Trains the next sweep that is queued, as a runner would, and ends it."""

    def work() -> None:
        while (sweep := ledger.claim_sweep(samples.RUNNER, 60)) is None:
            pass
        samples.train(ledger, sweep)
        if end == "completed":
            samples.finish(ledger, sweep)
        else:
            ledger.release_sweep(sweep.id, samples.RUNNER, "failed", "the machine caught fire")

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_submit_and_watch_ends_with_what_was_found(server: str, ledger: Ledger, tmp_path: Path) -> None:
    runner = in_background(ledger, "completed")
    code, stdout, stderr = submit_and_watch(server, tmp_path)
    runner.join()
    assert code == OK
    assert "48/48 trials" in stderr
    assert "largest stable lr" in stdout
    assert "is completed" in stdout


def test_watching_a_sweep_that_fails_says_why_and_exits_accordingly(
    server: str, ledger: Ledger, tmp_path: Path
) -> None:
    runner = in_background(ledger, "failed")
    code, _, stderr = submit_and_watch(server, tmp_path)
    runner.join()
    assert code == SWEEP_NOT_COMPLETED
    assert "the machine caught fire" in stderr


def test_watching_with_json_leaves_nothing_but_json_on_standard_output(
    server: str, ledger: Ledger, tmp_path: Path
) -> None:
    import json

    runner = in_background(ledger, "completed")
    code, stdout, _ = submit_and_watch(server, tmp_path, "--json")
    runner.join()
    assert code == OK
    assert json.loads(stdout)["status"] == "completed"

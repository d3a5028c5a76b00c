"""The map alone, and why a trial ended as it did, against a live server."""

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli.app import app
from service.cli.exits import FAILED, OK
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service import samples


@pytest.fixture
def trained(ledger: Ledger, sweep: Sweep) -> Sweep:
    samples.train(ledger, samples.claim(ledger), range(40))
    return sweep


def run(server: str, *arguments: str) -> Result:
    environment = {"GRADSWEEP_SERVER": server, "COLUMNS": "200", "NO_COLOR": "1"}
    return CliRunner(env=environment).invoke(app, list(arguments))


MAP = """
init=kaiming_normal
                0.001   0.1 1   10
none            T   S   S   S │ D    [1, 10)
global_norm:1   T   T   S   S   S    ≥ 10

init=normal(std=1)
                0.001   0.1 1   10
none            t   S   S   d │ x    [1, 10)
global_norm:1   T   t   S   S   d    ≥ 10
"""
"""As it stands after 40 of 48 trials."""


def test_the_map_is_printed_as_plain_text_while_the_sweep_runs(server: str, trained: Sweep) -> None:
    result = run(server, "map")
    assert result.exit_code == OK
    assert [line.rstrip() for line in result.stdout.splitlines()[: MAP.count("\n")]] == MAP.splitlines()
    assert "\x1b" not in result.stdout


def test_the_map_as_json_has_tallies_and_edges(server: str, trained: Sweep) -> None:
    found = json.loads(run(server, "map", trained.id, "--json").stdout)
    row = found["maps"][0]["panels"][0]["rows"][0]
    assert found["sweep"] == trained.id
    assert (row["label"], row["edge"]["lower"], row["tiles"][0]["majority"]) == ("none", 1.0, "stalled")


def test_explain_tells_what_happened_where_the_edge_is_and_what_helps(server: str, trained: Sweep) -> None:
    result = run(server, "explain", "last", "35")
    assert result.exit_code == OK
    text = " ".join(result.stdout.split())
    for expected in (
        "Trial 35 (lr=10 clip=none init=normal(std=1) #1) ended exploded",
        "at step 7 of 20 in layer hidden.0 in the forward pass",
        "The largest stable lr here is 1 ",
        "you used 10, 10× above",
        "What would have helped",
        "lr=0.1 instead of 10",
    ):
        assert expected in text


def test_explain_as_json_is_what_the_api_answers(server: str, trained: Sweep) -> None:
    found = json.loads(run(server, "explain", trained.id, "35", "--json").stdout)
    assert (found["trial"], found["outcome"], found["margin"]) == (35, "exploded", 0.1)
    assert found["evidence"]["value"] is None
    assert found["helps"][0]["kind"] == "smaller_lr"


@pytest.mark.parametrize(
    ("trial", "message"),
    [("47", "trial 47 has not ended yet"), ("48", "there is no trial 48")],
)
def test_a_trial_that_is_not_there_is_told_from_one_to_come(
    server: str, trained: Sweep, trial: str, message: str
) -> None:
    result = run(server, "explain", "last", trial)
    assert result.exit_code == FAILED
    assert f"{message}; {trained.id} has trials 0 to 47, of which 40 have ended" in result.stderr


def test_the_beginning_of_an_id_is_enough_and_a_slip_gives_the_nearest(server: str, trained: Sweep) -> None:
    assert run(server, "show", trained.id[:6], "--json").exit_code == OK
    for wrong in (trained.id[:-1] + "l", "tiny"):
        result = run(server, "show", wrong)
        assert result.exit_code == FAILED
        assert f"there is no sweep '{wrong}'; nearest: {trained.id} (tiny)" in result.stderr
    assert "`gradsweep ls` lists" in run(server, "show", "../../healthz").stderr

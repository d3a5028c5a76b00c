"""Commands against a live server, in this process."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from service.cli.app import app
from service.cli.exits import FAILED, INVALID_SPEC, OK, UNREACHABLE, USAGE
from service.cli.look import sweep_table
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from tests.service import samples
from tests.service.samples import TINY


@pytest.fixture
def spec_file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(TINY)
    return path


@pytest.fixture
def trained(ledger: Ledger, sweep: Sweep) -> Sweep:
    samples.train(ledger, samples.claim(ledger))
    return sweep


def run(server: str, *arguments: str, stdin: str | None = None) -> Result:
    environment = {"GRADSWEEP_SERVER": server, "COLUMNS": "200", "NO_COLOR": "1"}
    return CliRunner(env=environment).invoke(app, list(arguments), input=stdin)


def test_submit_prints_the_id_alone_so_that_scripts_can_use_it(
    server: str, ledger: Ledger, spec_file: Path
) -> None:
    result = run(server, "submit", str(spec_file))
    assert result.exit_code == OK
    assert ledger.get_sweep(result.stdout.strip()).num_trials == 48


def test_submit_reads_standard_input_and_presets(server: str, ledger: Ledger) -> None:
    assert run(server, "submit", "-", stdin=TINY).exit_code == OK
    assert run(server, "submit", "digits-quick", "--small").exit_code == OK
    assert [sweep.name for sweep in ledger.list_sweeps().items] == ["digits-quick-small", "tiny"]


def test_submitting_twice_with_one_key_gives_one_sweep(server: str, ledger: Ledger, spec_file: Path) -> None:
    for _ in range(2):
        assert run(server, "submit", str(spec_file), "--idempotency-key", "k").exit_code == OK
    assert len(ledger.list_sweeps().items) == 1


def test_a_spec_may_come_through_a_pipe_and_not_from_a_folder(
    server: str, ledger: Ledger, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(pipe.write_text, TINY)
        assert run(server, "submit", str(pipe)).exit_code == OK
        writing.result()
    assert "is a folder" in run(server, "submit", str(tmp_path)).stderr


def test_a_dry_run_prints_the_plan_and_stores_nothing(server: str, ledger: Ledger, spec_file: Path) -> None:
    result = run(server, "submit", str(spec_file), "--dry-run")
    assert "48 trials" in result.stdout
    assert json.loads(run(server, "submit", str(spec_file), "--dry-run", "--json").stdout)["num_trials"] == 48
    assert not ledger.list_sweeps().items


def test_problems_of_a_spec_are_listed_with_place_and_way_out(server: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(TINY.replace("kind: global_norm", "kind: globalnorm").replace("seeds: 2", "seeds: 0"))
    for command in ("submit", "validate"):
        result = run(server, command, str(path))
        assert result.exit_code == INVALID_SPEC
        assert "2 problem(s)" in result.stderr
        assert "nearest   global_norm" in result.stderr
        assert "(line 8, column 34)" in result.stderr


def test_validate_needs_no_server_and_gives_json(spec_file: Path, tmp_path: Path) -> None:
    good = run("http://127.0.0.1:9", "validate", str(spec_file), "--json")
    assert (good.exit_code, json.loads(good.stdout)["valid"]) == (OK, True)
    bad = run("http://127.0.0.1:9", "validate", "-", "--json", stdin="name: 3")
    assert (bad.exit_code, json.loads(bad.stdout)["valid"]) == (INVALID_SPEC, False)


def test_a_file_that_is_not_there_is_a_usage_error(server: str) -> None:
    result = run(server, "submit", "nowhere/spec.yaml")
    assert result.exit_code == USAGE
    assert "no file nowhere/spec.yaml" in result.stderr


def test_no_server_says_how_to_start_one() -> None:
    result = run("http://127.0.0.1:9", "ls")
    assert result.exit_code == UNREACHABLE
    assert "gradsweep up" in result.stderr
    assert not result.stdout


def test_ls_lists_and_filters(server: str, trained: Sweep) -> None:
    assert trained.id in run(server, "ls").stdout
    assert trained.id not in run(server, "ls", "--status", "queued").stdout
    assert json.loads(run(server, "ls", "--json").stdout)["items"][0]["id"] == trained.id
    assert run(server, "ls", "--status", "asleep").exit_code == USAGE


def test_a_narrow_list_keeps_ids_whole(server: str, trained: Sweep) -> None:
    sweeps = json.loads(run(server, "ls", "--json").stdout)["items"]
    console = Console(file=io.StringIO(), width=50, _environ={})
    console.print(sweep_table(sweeps))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert trained.id in text
    assert "48/48" in text
    assert max(map(len, text.splitlines())) <= 50


def test_show_prints_progress_map_edges_and_recommendation(server: str, trained: Sweep) -> None:
    result = run(server, "show")
    assert result.exit_code == OK
    for expected in (
        "48 of 48 trials",
        "global_norm:1",
        "largest stable lr",
        "Use lr=",
        f"/sweeps/{trained.id}",
    ):
        assert expected in result.stdout
    assert "\x1b" not in result.stdout


def test_trials_tell_outcome_and_evidence(server: str, trained: Sweep) -> None:
    result = run(server, "trials", trained.id, "--outcome", "exploded")
    assert "nonfinite at step 7 in hidden.0 (forward)" in result.stdout
    assert "stable" not in result.stdout
    best = json.loads(
        run(server, "trials", trained.id, "--sort", "objective", "--limit", "1", "--json").stdout
    )
    assert best["items"][0]["outcome"] == "stable"


def test_report_is_written_once_it_is_there(
    server: str, ledger: Ledger, trained: Sweep, tmp_path: Path
) -> None:
    path = tmp_path / "new" / "report.html"
    early = run(server, "report", trained.id, "-o", str(path))
    assert early.exit_code == FAILED
    assert "not ready" in early.stderr
    samples.finish(ledger, trained)
    assert run(server, "report", "-o", str(path)).exit_code == OK
    assert path.read_text().startswith("<!doctype html>")


def test_cancel_pause_resume_and_delete_say_what_became_of_the_sweep(
    server: str, ledger: Ledger, sweep: Sweep
) -> None:
    assert "paused" in run(server, "pause", "last").stderr
    assert "queued" in run(server, "resume", "last").stderr
    assert "cancelled" in run(server, "cancel", "last").stderr
    assert run(server, "resume", sweep.id).exit_code == FAILED
    assert run(server, "delete", sweep.id).exit_code == OK
    assert not ledger.list_sweeps().items


def test_a_clone_has_the_parts_it_was_given(server: str, ledger: Ledger, sweep: Sweep) -> None:
    result = run(server, "clone", "last", "--set", "seeds=3", "--set", "name=more seeds")
    assert result.exit_code == OK
    made = ledger.get_sweep(result.stdout.strip())
    assert (made.name, made.num_trials) == ("more seeds", 72)
    assert made.id != sweep.id


def test_an_extension_needs_to_be_told_what_grows(server: str, ledger: Ledger, trained: Sweep) -> None:
    assert run(server, "extend", "last").exit_code == USAGE
    assert "'seeds' is not PART=VALUE" in run(server, "extend", "last", "--set", "seeds").stderr
    assert "cannot be read as YAML" in run(server, "extend", "last", "--set", "seeds={").stderr
    samples.finish(ledger, trained)
    refused = run(server, "extend", "last", "--set", "seeds=1")
    assert refused.exit_code == FAILED
    assert "would become another one" in refused.stderr
    wider = {"log_grid": [0.001, 1000, 7]}
    grown = run(
        server,
        "extend",
        "last",
        "--set",
        f"axes={json.dumps(trained.spec['axes'] | {'optimizer.lr': wider})}",
    )
    assert grown.exit_code == OK
    assert (grown.stdout.strip(), ledger.get_sweep(trained.id).num_trials) == (trained.id, 56)


def test_last_of_nothing_says_so(server: str) -> None:
    result = run(server, "show")
    assert result.exit_code == USAGE
    assert "no sweep yet" in result.stderr


def test_presets_and_catalog_need_no_server() -> None:
    assert "digits-quick" in run("", "presets").stdout
    assert run("", "validate", "-", stdin=run("", "presets", "digits-quick").stdout).exit_code == OK
    assert "max_norm" in run("", "catalog", "clip").stdout
    families = json.loads(run("", "catalog", "--json").stdout)["families"]
    assert {"clip", "init", "search"} <= {family["name"] for family in families}
    assert run("", "catalog", "colours").exit_code == USAGE


def test_the_version_is_printed() -> None:
    assert run("", "--version").stdout.startswith("gradsweep ")

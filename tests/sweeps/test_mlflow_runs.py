"""What a sweep and a trial become in MLflow."""

import csv
import json
import math
from dataclasses import replace
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import yaml

from sweeps.ledger import Ledger, open_ledger
from sweeps.ledger.base import EndedTrial, StoredReport, Sweep, TrialRow
from sweeps.mlflow_names import CURVES, SUMMARY
from sweeps.mlflow_page import LivePages
from sweeps.mlflow_sweep_run import closing_draft, opening_draft, trial_table
from sweeps.mlflow_trial_run import curve_points, trial_draft, used_dataset
from sweeps.mlflow_view import shared_view
from sweeps.report.gradient_picture import gradient_picture
from tests.contracts.ledger_rows import ended_trial, exploded_trial, new_sweep, running_sweep
from trainers.record import Curves


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(f"sqlite:///{tmp_path / 'ledger.db'}")


def stored(ledger: Ledger, trial: EndedTrial) -> tuple[Sweep, TrialRow]:
    sweep = running_sweep(ledger, tags={"team": "vision"})
    ledger.append_trials(sweep.id, "runner-a", [trial])
    ledger.set_sweep_mlflow(sweep.id, "7", "parent")
    return ledger.get_sweep(sweep.id), ledger.get_trial(sweep.id, trial.number)


def test_a_trials_run_is_named_by_what_was_varied(ledger: Ledger) -> None:
    trial = replace(
        ended_trial(2),
        repeat=2,
        axes={
            "optimizer.lr": 0.1,
            "clip": {"kind": "global_norm", "max_norm": 1.0},
            "init": {"kind": "orthogonal"},
        },
    )
    draft = trial_draft(*stored(ledger, trial))
    assert draft.name == "lr=0.1 clip=global_norm:1 init=orthogonal #2"
    assert draft.params["clip"] == "global_norm:1"


def test_a_trials_run_lies_under_its_sweeps(ledger: Ledger) -> None:
    sweep, trial = stored(ledger, ended_trial(3))
    draft = trial_draft(sweep, trial)
    assert draft.tags["mlflow.parentRunId"] == "parent"
    assert draft.identity == {
        "gradsweep.kind": "trial",
        "gradsweep.sweep_id": sweep.id,
        "gradsweep.trial": "3",
    }
    assert (draft.tags["gradsweep.configuration"], draft.tags["gradsweep.repeat"]) == ("1", "1")


def test_a_trials_times_are_the_ledgers(ledger: Ledger) -> None:
    sweep, trial = stored(ledger, ended_trial(0))
    draft = trial_draft(sweep, trial)
    assert (draft.started_at, draft.ended_at) == (trial.ended_at - 0.25, trial.ended_at)
    stamps = [point.timestamp_ms for point in draft.metrics if point.key == "train_loss"]
    assert stamps == sorted(stamps)
    assert stamps[-1] == round(trial.ended_at * 1000)


def test_an_exploded_trial_is_finished_and_tells_where_it_broke(ledger: Ledger) -> None:
    draft = trial_draft(*stored(ledger, exploded_trial(1)))
    assert draft.status == "FINISHED"
    assert draft.tags["outcome"] == "exploded"
    assert {name: draft.tags[f"outcome.{name}"] for name in ("rule", "step", "layer", "phase")} == {
        "rule": "non-finite loss",
        "step": "17",
        "layer": "fc1",
        "phase": "forward",
    }
    assert "outcome.value" not in draft.tags
    assert (
        draft.tags["mlflow.note.content"] == "**exploded**: non-finite loss, at step 17 in `fc1` (forward)."
    )
    values = {point.key: point.value for point in draft.metrics}
    assert (values["nonfinite"], values["first_nonfinite_step"]) == (1.0, 17.0)


def test_only_a_trial_of_broken_code_has_failed(ledger: Ledger) -> None:
    trial = ended_trial(0, "failed", objective=None)
    broken = replace(trial, record=replace(trial.record, error="ZeroDivisionError"))
    draft = trial_draft(*stored(ledger, broken))
    assert draft.status == "FAILED"
    assert draft.tags["gradsweep.error"] == "ZeroDivisionError"


def test_numbers_of_the_whole_run_do_not_mix_with_curves(ledger: Ledger) -> None:
    draft = trial_draft(*stored(ledger, ended_trial(0)))
    curves = {point.key for point in draft.metrics if point.step > 0}
    totals = {point.key for point in draft.metrics if point.step == 0}
    assert curves == {"train_loss", "eval_loss"}
    assert {"final/train_loss", "final/eval_loss", "stability_score", "objective"} <= totals
    assert not curves & totals


def test_no_point_of_a_curve_is_nan_or_infinite() -> None:
    values = np.array([1.0, np.nan, np.inf, -np.inf, 2.0], np.float32)
    curves = Curves(np.arange(5, dtype=np.int64), {"loss": values}, (), {})
    points = curve_points(curves, 0.0, 1.0)
    assert [(point.step, point.value) for point in points] == [(0, 1.0), (4, 2.0)]
    assert all(math.isfinite(point.value) for point in points)


def test_a_trial_without_a_step_has_no_points_and_no_layers(ledger: Ledger) -> None:
    trial = ended_trial(0, "failed", objective=None)
    empty = Curves(np.empty(0, np.int64), {}, (), {})
    draft = trial_draft(*stored(ledger, replace(trial, record=replace(trial.record, curves=empty))))
    assert all(point.step == 0 for point in draft.metrics)
    assert draft.artifacts == ()


def test_a_trial_names_the_data_that_it_learnt_from(ledger: Ledger) -> None:
    configs = [
        {"workload": {"data": {"kind": "digits"}, "model": {"kind": model}}, "seed": seed}
        for model, seed in (("mlp", 0), ("cnn", 1))
    ]
    found = [used_dataset(config) for config in configs]
    assert found[0] == found[1]
    assert found[0] is not None
    assert (found[0].name, found[0].source) == ("digits", '{"kind": "digits"}')
    larger = used_dataset({"workload": {"data": {"kind": "digits", "n": 7}}})
    assert larger is not None
    assert larger.digest != found[0].digest
    assert used_dataset({}) is None


def test_a_trials_gradients_are_a_table_and_a_picture(ledger: Ledger) -> None:
    norms = np.array([[1.0, 2.0], [10.0, 3.0], [np.inf, 4.0]], np.float32)
    curves = Curves(np.arange(3), {}, ("dense1", "output"), {"grad_norm": norms})
    exploded = exploded_trial(1)
    trial = replace(exploded, record=replace(exploded.record, curves=curves))
    table, picture = trial_draft(*stored(ledger, trial)).artifacts
    assert (table.path, picture.path) == ("layers.parquet", "gradients.html")
    page = picture.data.decode()
    assert "<title>Gradients of lr=0.1 clip=none #1</title>" in page
    drawn = ElementTree.fromstring(page[page.index("<svg") :])
    texts = [element.text for element in drawn.iter("text")]
    assert {"dense1", "output", "onset: step 17"} <= set(texts)
    titles = [element.text for element in drawn.iter("title")]
    assert "dense1, step 2: not finite" in titles


def test_two_windows_are_too_few_for_a_picture(ledger: Ledger) -> None:
    curves = Curves(np.arange(2), {}, ("dense1",), {"grad_norm": np.ones((2, 1), np.float32)})
    assert gradient_picture(curves, None, "lr=1") is None
    broken = Curves(np.arange(3), {}, ("dense1",), {"grad_norm": np.full((3, 1), np.nan, np.float32)})
    assert gradient_picture(broken, None, "lr=1") is None
    assert gradient_picture(Curves(np.arange(3), {}, (), {}), None, "lr=1") is None


def test_notes_link_to_the_live_page_and_to_the_charts(ledger: Ledger) -> None:
    sweep = running_sweep(ledger)
    ledger.set_sweep_mlflow(sweep.id, "7", "parent")
    pages = LivePages("https://sweeps.example/base")
    for draft in (
        opening_draft(ledger.get_sweep(sweep.id), pages),
        closing_draft(ledger.get_sweep(sweep.id), [], StoredReport("<p>", {}, "# Map", {}), pages),
    ):
        note = {**draft.tags, **draft.closing_tags}["mlflow.note.content"]
        assert f"[Live page](https://sweeps.example/base/sweeps/{sweep.id})" in note
        assert (
            "(#/experiments/7/runs?workflowType=machine_learning&compareRunsMode=CHART&viewStateShareKey=gradsweep)"
            in note
        )
        assert draft.tags["gradsweep.page"] == f"https://sweeps.example/base/sweeps/{sweep.id}"


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        (" https://host/gradsweep ", "https://host/gradsweep"),
        ("", None),
        ("host:8000", None),
        ("javascript:alert(1)", None),
        ("http://", None),
        ("http://host/?q=1", None),
    ],
)
def test_only_an_address_that_a_browser_can_open_is_linked(given: str, base: str | None) -> None:
    pages = LivePages.from_environment({"GRADSWEEP_PAGE_URL": given})
    assert pages.base == base
    assert bool(pages.tags("abc")) == (base is not None)


def test_the_shared_view_fits_in_a_tag_and_draws_curves_that_exist() -> None:
    view = json.loads(shared_view())
    assert len(shared_view()) <= 5000
    assert {chart["metricKey"] for chart in view["compareRunCharts"]} <= CURVES.keys() | SUMMARY.keys()
    scales = {chart["metricKey"]: chart.get("scaleType") for chart in view["compareRunCharts"]}
    assert (scales["grad_norm"], scales["clip_fraction"]) == ("log", "linear")
    sections = {section["uuid"] for section in view["compareRunSections"]}
    assert {chart["metricSectionId"] for chart in view["compareRunCharts"]} <= sections


def test_a_sweep_that_has_begun_is_open_and_has_its_spec(ledger: Ledger) -> None:
    sweep = running_sweep(ledger, tags={"team": "vision", "gradsweep.kind": "forged"})
    draft = opening_draft(sweep)
    assert (draft.status, draft.ended_at, draft.started_at) == ("RUNNING", None, sweep.started_at)
    assert draft.tags["team"] == "vision"
    assert draft.identity["gradsweep.kind"] == "sweep"
    (spec,) = draft.artifacts
    assert yaml.safe_load(spec.data) == sweep.spec


@pytest.mark.parametrize(
    ("status", "shown"), [("completed", "FINISHED"), ("cancelled", "KILLED"), ("failed", "FAILED")]
)
def test_each_end_of_a_sweep_has_its_status(ledger: Ledger, status: str, shown: str) -> None:
    sweep = running_sweep(ledger)
    ended = ledger.release_sweep(sweep.id, "runner-a", status, "why")  # type: ignore[arg-type]
    draft = closing_draft(ended, [], None)
    assert (draft.status, draft.ended_at) == (shown, ended.ended_at)
    assert draft.closing_tags["gradsweep.error"] == "why"


def test_a_sweep_that_ended_has_its_counts_and_its_report(ledger: Ledger) -> None:
    sweep = running_sweep(ledger)
    ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), exploded_trial(1)])
    ended = ledger.release_sweep(sweep.id, "runner-a", "completed")
    report = StoredReport("<p>", {"edges": []}, "# Map", {"map.png": b"png", "cells.csv": b"lr\n"})
    draft = closing_draft(ended, ledger.all_trials(sweep.id), report)
    values = {point.key: point.value for point in draft.metrics}
    assert (values["trials_ended"], values["trials_exploded"], values["stable_share"]) == (2, 1, 0.5)
    assert draft.closing_tags["mlflow.note.content"] == "# Map"
    assert {artifact.path for artifact in draft.artifacts} == {
        "spec.yaml", "tables/trials.csv", "report.html", "analysis.json", "plots/map.png", "tables/cells.csv",
    }  # fmt: skip


def test_a_sweep_cancelled_before_it_began_has_no_share_of_stable_trials(ledger: Ledger) -> None:
    sweep = ledger.request_cancel(ledger.create_sweep(new_sweep()).id)
    draft = closing_draft(sweep, [], None)
    assert "stable_share" not in {point.key for point in draft.metrics}
    assert draft.started_at == sweep.created_at


def test_the_table_of_trials_has_a_column_for_each_axis_and_number(ledger: Ledger) -> None:
    sweep = running_sweep(ledger)
    ledger.append_trials(sweep.id, "runner-a", [ended_trial(0), exploded_trial(1)])
    rows = list(csv.DictReader(StringIO(trial_table(ledger.all_trials(sweep.id)).decode())))
    assert [row["outcome"] for row in rows] == ["stable", "exploded"]
    assert (rows[1]["clip"], rows[1]["optimizer.lr"], rows[1]["eval_loss"]) == ("none", "0.1", "")

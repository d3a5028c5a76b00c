import json
import math
from pathlib import Path

import pytest

from sweeps.plan import make_plan
from sweeps.presets import Preset, PresetSeconds, list_presets, load_preset
from sweeps.search import LogGrid, Values
from sweeps.spec import SpecError
from tests.sweeps.spec.examples import digits
from trainers.pack import PackRun, PackTrial

PRESETS = list_presets()
DOCS = Path(__file__).parents[3] / "docs"
FOUNDING = (
    "epsilon-offset-relu", "cnn-mnist-remedies", "sigmoid-update-ema", "mlp-normalized-gradient",
    "optimizer-choice", "rnn-long-memory", "transformer-lr-sensitivity", "trainability-fractal",
)  # fmt: skip
"""The systems of the articles that this project began with, and the pictures that it grew towards."""


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_says_what_it_is_and_plans_in_both_sizes(preset: Preset) -> None:
    assert preset.title
    assert len(preset.description) > 50
    full, small = make_plan(preset.sweep_spec()), make_plan(preset.sweep_spec(small=True))
    assert (full.spec.name, small.spec.name) == (preset.name, f"{preset.name}-small")
    assert small.summary(2).num_trial_steps < full.summary(2).num_trial_steps
    assert full.num_duplicates == small.num_duplicates == 0


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_strict_json(preset: Preset) -> None:
    told = json.loads(json.dumps(preset.to_json(), allow_nan=False))
    assert told["name"] == preset.name
    assert told["spec"]["axes"]


def test_presets_are_listed_by_name() -> None:
    names = [preset.name for preset in PRESETS]
    assert names == sorted(names)
    assert {"digits-quick", "mnist-clip-lr"} <= set(names)


@pytest.mark.parametrize("name", ["mnist-clip-rl", "../presets/digits-quick", "", "digits-quick.yaml"])
def test_an_unknown_preset_is_refused_naming_those_that_there_are(name: str) -> None:
    with pytest.raises(SpecError) as caught:
        load_preset(name)
    (problem,) = caught.value.problems
    assert "digits-quick" in problem.expected
    assert problem.value == name


def test_the_small_version_replaces_single_entries_and_keeps_the_rest() -> None:
    axes = {"optimizer.lr": {"values": [1, 2]}, "batch_size": {"values": [8]}}
    spec = {key: value for key, value in digits(axes=axes, seeds=5).items() if key != "name"}
    changes = {"base": {"steps": 1}, "axes": {"optimizer.lr": {"values": [1]}}, "seeds": 1}
    small = Preset("p", "title", "description", spec, changes, PresetSeconds(2, 1)).sweep_spec(small=True)
    assert small.base == {"steps": 1, "optimizer": {"kind": "sgd", "lr": 0.1}}
    assert small.axes == {"optimizer.lr": Values(values=(1,)), "batch_size": Values(values=(8,))}
    assert (small.name, small.seeds) == ("p-small", 1)


def test_the_demo_varies_what_it_promises() -> None:
    spec = load_preset("mnist-clip-lr")
    rates, clips, inits = spec.axes["optimizer.lr"], spec.axes["clip"], spec.axes["init"]
    assert isinstance(rates, LogGrid)
    assert isinstance(clips, Values)
    assert isinstance(inits, Values)
    assert math.log10(rates.log_grid[1] / rates.log_grid[0]) >= 5
    kinds = [clip["kind"] for clip in clips.values if isinstance(clip, dict)]
    assert sorted(kinds) == ["global_norm", "global_norm", "global_norm", "none", "value"]
    assert len(inits.values) == 4
    assert len(make_plan(spec).trials) >= 300


def test_the_quick_preset_shows_trials_that_train_and_trials_that_do_not() -> None:
    outcomes: dict[float, str] = {}
    for pack in make_plan(load_preset("digits-quick", small=True)).packs(1):
        run = PackRun([PackTrial(trial.number, trial.config) for trial in pack.trials])
        rates = {
            trial.number: trial.config.optimizer.lr
            for trial in pack.trials
            if not trial.axes["clip"].get("max_norm")
        }
        while not run.finished:
            ended = run.advance(10)
            outcomes |= {rates[one.number]: one.verdict.outcome for one in ended if one.number in rates}
    assert outcomes[0.1] == "stable"
    assert outcomes[1000] in ("diverged", "exploded")


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_small_version_trains_every_trial(preset: Preset) -> None:
    plan = make_plan(preset.sweep_spec(small=True))
    records = []
    for pack in plan.packs(1):
        run = PackRun([PackTrial(trial.number, trial.config) for trial in pack.trials])
        while not run.finished:
            records += run.advance(10)
    assert [record.error for record in records] == [None] * len(plan.trials)
    assert len({record.verdict.outcome for record in records}) > 1


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_the_small_version_takes_less_than_two_minutes_and_less_than_the_full_one(preset: Preset) -> None:
    assert 0 < preset.seconds.small < 120
    assert preset.seconds.small < preset.seconds.full < 900


def test_every_preset_is_documented_with_its_title() -> None:
    page = (DOCS / "presets.md").read_text(encoding="utf-8")
    for preset in PRESETS:
        assert f"| `{preset.name}` | {preset.title} |" in page


@pytest.mark.parametrize("name", FOUNDING)
def test_what_a_founding_preset_found_is_told_with_a_picture(name: str) -> None:
    page = (DOCS / "presets.md").read_text(encoding="utf-8")
    assert f"### `{name}`" in page
    assert f"(images/preset-{name}.png)" in page
    assert 1_000 < (DOCS / "images" / f"preset-{name}.png").stat().st_size < 150_000

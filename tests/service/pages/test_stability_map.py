"""Where trials lie on the map."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.pages.stability_map import MAX_PANELS, StabilityMap, lay_out
from sweeps.plan import make_plan
from sweeps.spec import parse_spec
from tests.service.samples import TINY

CLIP = ({"kind": "none"}, {"kind": "global_norm", "max_norm": 1.0})


def numbers_of(found: StabilityMap) -> list[int]:
    return [n for panel in found.panels for row in panel.rows for cell in row.cells for n in cell]


def test_learning_rate_goes_across_clip_down_and_the_rest_makes_panels() -> None:
    plan = make_plan(parse_spec(TINY))
    found = lay_out({trial.number: trial.axes for trial in plan.trials})
    assert (found.x_label, found.y_label) == ("lr", "clip")
    assert found.columns == ("0.001", "0.01", "0.1", "1", "10", "100")
    assert [panel.label for panel in found.panels] == ["init kaiming_normal", "init normal(std=1)"]
    assert [row.label for row in found.panels[0].rows] == ["none", "global_norm:1"]
    assert found.panels[0].rows[0].cells[0] == (0, 1)


def test_repeats_of_one_setting_share_a_cell() -> None:
    found = lay_out({0: {"optimizer.lr": 0.1}, 1: {"optimizer.lr": 0.1}, 2: {"optimizer.lr": 1.0}})
    assert found.panels[0].rows[0].cells == ((0, 1), (2,))


def test_a_sweep_without_axes_is_one_cell() -> None:
    found = lay_out({0: {}, 1: {}})
    assert found.panels[0].rows[0].cells == ((0, 1),)


def test_a_sweep_without_trials_has_no_panel() -> None:
    assert lay_out({}).panels == ()


def test_an_axis_that_exists_for_some_trials_only_has_a_place_for_the_others() -> None:
    found = lay_out({0: {"clip": CLIP[0]}, 1: {"clip": CLIP[1], "clip.max_norm": 2.0}})
    assert sorted(numbers_of(found)) == [0, 1]


def test_more_panels_than_a_page_holds_are_counted() -> None:
    trials = {n: {"optimizer.lr": n % 2 + 1.0, "clip": CLIP[n % 2], "steps": n} for n in range(400)}
    trials |= {
        400 + n: {"optimizer.lr": 1.0, "clip": CLIP[0], "width": n, "depth": n % 7} for n in range(400)
    }
    found = lay_out(trials)
    assert len(found.panels) == MAX_PANELS
    assert found.num_left_out > 0


values = st.one_of(
    st.floats(1e-6, 1e6),
    st.integers(-5, 5),
    st.sampled_from(CLIP),
    st.text(max_size=3),
    st.booleans(),
    st.none(),
)
assignments = st.dictionaries(st.sampled_from(["optimizer.lr", "clip", "init", "steps"]), values, max_size=4)


@settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(assignments, max_size=20))
def test_every_trial_lies_in_exactly_one_cell(trials: list[dict[str, Any]]) -> None:
    found = lay_out(dict(enumerate(trials)))
    if found.num_left_out == 0:
        assert sorted(numbers_of(found)) == list(range(len(trials)))
    for panel in found.panels:
        assert {len(row.cells) for row in panel.rows} == {len(found.columns)}

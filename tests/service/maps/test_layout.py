"""Where trials lie on the map."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.maps.layout import MOST_PANELS, MapLayout, MapTrial, lay_out
from sweeps.plan import make_plan
from sweeps.spec import parse_spec
from tests.service.samples import TINY

CLIP = ({"kind": "none"}, {"kind": "global_norm", "max_norm": 1.0})


def layout(settings: list[dict[str, Any]]) -> MapLayout:
    return lay_out({number: MapTrial(axes, 0.1, 20 + number) for number, axes in enumerate(settings)})


def plan_layout(text: str) -> MapLayout:
    plan = make_plan(parse_spec(text))
    return lay_out({t.number: MapTrial(t.axes, t.config.optimizer.lr, t.config.steps) for t in plan.trials})


def squares(found: MapLayout) -> dict[int, list[int]]:
    numbers: dict[int, list[int]] = {}
    for number, place in found.places.items():
        numbers.setdefault(place, []).append(number)
    return numbers


def test_learning_rate_goes_across_clip_down_and_the_rest_makes_panels() -> None:
    found = plan_layout(TINY)
    assert (found.x.label, found.y.label) == ("lr", "clip")
    assert [level.label for level in found.x.levels] == ["0.001", "0.01", "0.1", "1", "10", "100"]
    assert found.panels == ("init=kaiming_normal", "init=normal(std=1)")
    assert [(row.panel, row.label) for row in found.rows] == [
        (0, "none"), (0, "global_norm:1"), (1, "none"), (1, "global_norm:1"),
    ]  # fmt: skip
    assert squares(found)[0] == [0, 1]


def test_repeats_of_one_setting_share_a_square() -> None:
    found = layout([{"optimizer.lr": 0.1}, {"optimizer.lr": 0.1}, {"optimizer.lr": 1.0}])
    assert squares(found) == {0: [0, 1], 1: [2]}


def test_a_sweep_without_axes_is_one_square() -> None:
    found = layout([{}, {}])
    assert squares(found) == {0: [0, 1]}
    assert (found.panels, found.rows[0].label, found.has_edges) == (("",), "all settings", False)


def test_a_sweep_without_trials_has_no_panel() -> None:
    assert (layout([]).panels, layout([]).rows) == ((), ())


def test_a_row_has_the_shortest_horizon_of_its_trials() -> None:
    assert layout([{"optimizer.lr": 0.1}, {"optimizer.lr": 1.0}]).rows[0].num_steps == 20


def test_an_axis_that_exists_for_some_trials_only_has_a_place_for_the_others() -> None:
    found = layout([{"clip": CLIP[0]}, {"clip": CLIP[1], "clip.max_norm": 2.0}])
    assert len(found.places) == 2


def test_an_axis_of_many_numbers_keeps_a_column_for_each() -> None:
    axis = [{"optimizer.lr": 10.0 ** (number / 20)} for number in range(100)]
    assert layout(axis).num_columns == 100


def test_the_last_axes_are_pooled_rather_than_left_out() -> None:
    settings = [
        {"optimizer.lr": n % 2 + 1.0, "clip": CLIP[n % 2], "steps": n % 16, "width": n} for n in range(256)
    ]
    found = layout(settings)
    assert len(found.panels) <= MOST_PANELS
    assert found.pooled == ("width",)
    assert len(found.places) == 256


values = st.one_of(
    st.floats(1e-6, 1e6),
    st.integers(-5, 5),
    st.sampled_from(CLIP),
    st.text(max_size=3),
    st.booleans(),
    st.none(),
)
assignments = st.dictionaries(st.sampled_from(["optimizer.lr", "clip", "init", "steps"]), values, max_size=4)


@settings(derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(assignments, max_size=20))
def test_every_trial_lies_in_exactly_one_square_of_a_row_that_exists(trials: list[dict[str, Any]]) -> None:
    found = layout(trials)
    assert sorted(found.places) == list(range(len(trials)))
    assert all(0 <= place < len(found.rows) * found.num_columns for place in found.places.values())
    assert [row.panel for row in found.rows] == sorted(row.panel for row in found.rows)

"""Explosions by layer, phase and step."""

from sweeps.analysis.explosions import UNNAMED, count_explosions
from sweeps.analysis.observation import observe_all
from tests.sweeps.analysis.trials import make_row
from trainers.record import Evidence


def exploded(number: int, layer: str | None, step: int | None) -> Evidence:
    return Evidence("non-finite value", step, None, None, layer, "backward" if number % 2 else "forward")


def test_layers_are_counted_with_the_most_frequent_first() -> None:
    evidence = [("a", 5), ("b", 7), ("b", 9), ("b", 30), (None, None)]
    rows = [make_row(n, 1.0, "exploded", evidence=exploded(n, *found)) for n, found in enumerate(evidence)]
    rows.append(make_row(9, 0.1, "stable"))
    rows.append(make_row(10, 0.1, "failed"))
    found = count_explosions(observe_all(rows))
    assert (found.num_exploded, found.num_trials, found.median_step) == (5, 6, 8)
    first = found.layers[0]
    assert (first.layer, first.count, first.first_step, first.median_step, first.last_step) == (
        "b",
        3,
        7,
        9.0,
        30,
    )
    assert first.phases == {"forward": 1, "backward": 2}
    assert "3 (60 %" in first.text()
    assert "step 9" in first.text()


def test_an_explosion_without_layer_or_step_is_counted_as_such() -> None:
    rows = [make_row(0, 1.0, "exploded", evidence=Evidence("non-finite value"))]
    (layer,) = count_explosions(observe_all(rows)).layers
    assert layer.layer == UNNAMED
    assert layer.median_step is None
    assert "step" not in layer.text()


def test_no_explosions_are_no_layers() -> None:
    assert count_explosions(observe_all([make_row(0, 1.0)])).layers == ()

"""Two sweeps side by side: which cells belong together, which edge is higher, and what else differs."""

import httpx
import pytest

from service.pages.comparison import Comparison, Pair, compare, swept_cells
from service.pages.comparison_chart import comparison_chart
from sweeps.ledger import Ledger
from tests.service import samples
from tests.service.samples import TINY, YAML

LRS = "log_grid: [0.001, 100, 6]"


def trained(api: httpx.Client, ledger: Ledger, text: str) -> str:
    sweep_id = str(api.post("/v1/sweeps", content=text, headers=YAML).json()["id"])
    samples.train(ledger, samples.claim(ledger))
    return sweep_id


def compared(api: httpx.Client, ledger: Ledger, first: str, second: str) -> Comparison:
    a, b = (swept_cells(ledger.all_trials(trained(api, ledger, text))) for text in (first, second))
    return compare(a, b)


def test_a_sweep_beside_itself_has_every_edge_once_and_no_difference(
    api: httpx.Client, ledger: Ledger
) -> None:
    found = compared(api, ledger, TINY, TINY)
    assert [pair.label for pair in found.pairs] == [
        "clip=none init=kaiming_normal", "clip=none init=normal(std=1)",
        "clip=global_norm:1 init=kaiming_normal", "clip=global_norm:1 init=normal(std=1)",
    ]  # fmt: skip
    assert {pair.ratio for pair in found.pairs} == {1.0}
    assert not any(pair.is_clear for pair in found.pairs)
    assert [pair.has_intervals for pair in found.pairs] == [True] * 4
    assert found.differences == ()


def test_what_no_axis_varies_is_told_when_it_differs(api: httpx.Client, ledger: Ledger) -> None:
    found = compared(api, ledger, TINY, TINY.replace("steps: 20", "steps: 40"))
    assert [(entry.path, entry.a, entry.b) for entry in found.differences] == [("steps", "20", "40")]
    assert all(pair.a and pair.b for pair in found.pairs)


def test_an_axis_of_one_sweep_matches_the_fixed_setting_of_the_other(
    api: httpx.Client, ledger: Ledger
) -> None:
    fixed = TINY.replace(
        "  clip: {values: [{kind: none}, {kind: global_norm, max_norm: 1.0}]}\n", ""
    ).replace("lr: 0.1}}", "lr: 0.1}, clip: {kind: global_norm, max_norm: 1.0}}")
    found = compared(api, ledger, TINY, fixed)
    both = [pair.label for pair in found.pairs if pair.a and pair.b]
    assert both == ["clip=global_norm:1 init=kaiming_normal", "clip=global_norm:1 init=normal(std=1)"]
    assert [pair.b for pair in found.pairs if pair.label.startswith("clip=none")] == [None, None]


def test_a_cell_that_only_the_second_sweep_has_comes_last(api: httpx.Client, ledger: Ledger) -> None:
    more = TINY.replace("max_norm: 1.0}]", "max_norm: 1.0}, {kind: value, max_value: 0.1}]")
    found = compared(api, ledger, TINY, more)
    assert [pair.a is None for pair in found.pairs] == [False] * 4 + [True] * 2


def test_an_edge_that_is_higher_beyond_doubt_is_called_clear(api: httpx.Client, ledger: Ledger) -> None:
    text = TINY.replace("seeds: 2", "seeds: 8").replace(LRS, "log_grid: [0.001, 1000, 31]")
    clipped = text.replace("{kind: none}, ", "")
    plain = text.replace(", {kind: global_norm, max_norm: 1.0}", "")
    a, b = (swept_cells(ledger.all_trials(trained(api, ledger, spec))) for spec in (plain, clipped))
    beside = Pair("both", a[0].cell.edge, b[0].cell.edge)
    assert beside.ratio == pytest.approx(10, rel=0.2)
    assert beside.is_clear


def test_nothing_beside_something_is_only_what_is_there(api: httpx.Client, ledger: Ledger) -> None:
    cells = swept_cells(ledger.all_trials(trained(api, ledger, TINY)))
    assert all(pair.b is None and pair.ratio is None for pair in compare(cells, []).pairs)
    assert compare([], []).pairs == ()
    assert comparison_chart(compare([], []).pairs) == ""


def test_the_page_names_both_sweeps_and_shows_the_edges(api: httpx.Client, ledger: Ledger) -> None:
    a, b = (trained(api, ledger, TINY.replace("name: tiny", f"name: {name}")) for name in ("one", "two"))
    page = api.get("/compare", params={"a": a, "b": b}).text
    assert f'href="/sweeps/{a}"' in page
    assert "[1, 10)" in page
    assert "1×" in page


def test_settings_of_one_learning_rate_have_no_edge_to_compare_and_are_said_to_be_left_out(
    api: httpx.Client, ledger: Ledger
) -> None:
    alone = TINY.replace(LRS, "values: [0.1]")
    found = compared(api, ledger, alone, alone)
    assert (found.pairs, found.num_alone) == ((), 4)
    a = trained(api, ledger, alone)
    page = api.get("/compare", params={"a": a, "b": a}).text
    assert "Left out: 4 settings tried at one learning rate only" in page


def test_a_sweep_that_is_not_there_cannot_be_compared(api: httpx.Client) -> None:
    assert api.get("/compare?a=absent").status_code == 404
    assert api.get("/compare?a=&b=").status_code == 200

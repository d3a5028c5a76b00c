"""Parallel coordinates: every setting, its values at their places, few enough lines."""

import re

from sweeps.analysis import Analysis, analyze
from sweeps.report.sections import ReportData, Section
from sweeps.report.sections.parallel import MOST_LINES, parallel
from tests.sweeps.analysis.odd_sweeps import random_rows, spec_of
from tests.sweeps.analysis.trials import cell_rows, grid_analysis, grid_rows, grid_spec
from tests.sweeps.report.sweeps_rows import sweep_of


def section_of(analysis: Analysis) -> Section | None:
    return parallel(ReportData(sweep_of(grid_spec(), []), analysis, (), {}))


def drawn() -> str:
    section = section_of(grid_analysis())
    assert section is not None
    return section.body


def test_each_setting_is_a_line_coloured_by_what_became_of_most_seeds() -> None:
    assert drawn().count("<path") == 132 + 1  # the pick once more, on top
    assert "of-exploded" in drawn()
    assert "lr=0.001 clip=none init=kaiming_normal: 2 of 2 stable, " in drawn()


def test_axes_are_the_varied_ones_then_stability_then_the_objective() -> None:
    titles = re.findall(r'class="title">([^<]+)<', drawn())
    assert titles == ["lr", "clip", "init", "P(stable)", "eval_loss, lower is better"]


def test_a_setting_that_never_gave_a_number_lies_at_the_worse_end() -> None:
    exploded = drawn().partition('class="of-exploded"')[2].partition("</path>")[0]
    first = re.search(r'd="([^"]+)"', exploded)
    stable = re.search(r'd="([^"]+)"', drawn().partition('class="of-stable"')[2])
    assert first is not None
    assert stable is not None
    assert first.group(1).split()[-1] == "34"  # the top of the last axis
    assert float(stable.group(1).split()[-1]) > 34


def test_a_maximised_objective_has_its_worse_end_below() -> None:
    rows = cell_rows({0.1: ["stable"], 0.2: ["stable"], 0.4: ["exploded"]})
    numbers = [0.9, 0.5, None]
    rows = [type(row)(**(vars(row) | {"objective": value})) for row, value in zip(rows, numbers, strict=True)]
    spec = spec_of({}, objective={"metric": "eval_accuracy", "mode": "max"})
    rows = [
        type(row)(**(vars(row) | {"axes": row.axes | {"batch_size": 8 * (row.number + 1)}})) for row in rows
    ]
    section = section_of(analyze(spec, rows))
    assert section is not None
    assert "eval_accuracy, higher is better" in section.body
    assert ">worse<" in section.body


def test_ten_thousand_settings_are_thinned_and_that_is_said() -> None:
    rows = random_rows(1500, with_momentum=True)
    section = section_of(analyze(spec_of({}), rows))
    assert section is not None
    assert section.body.count("<path") <= MOST_LINES + 1
    assert f"{MOST_LINES} of 1500 settings are drawn" in section.lead


def test_where_only_the_learning_rate_varies_one_seed_gives_nothing_to_draw() -> None:
    assert section_of(analyze(grid_spec(), cell_rows({0.1: ["stable"], 0.2: ["stable"]}))) is None


def test_the_same_settings_give_the_same_drawing() -> None:
    again = section_of(analyze(grid_spec(), grid_rows()))
    assert again is not None
    assert again.body == drawn()

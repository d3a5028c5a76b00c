from benchmarks.table import render
from tests.benchmarks.measurements import measured

MACHINE = {
    "processor": "a processor",
    "num_cores": 2,
    "memory_gib": 4.0,
    "system": "an OS",
    "python": "3.11.2",
    "versions": {"torch": "2.13.0"},
}


def rows(text: str) -> dict[str, list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


def test_a_row_gives_median_and_spread_and_says_whether_the_target_is_reached() -> None:
    turns = [
        measured(name, seconds * round, round=round)
        for round in (1, 2, 3)
        for name, seconds in (("gradsweep", 2.0), ("optuna_processes", 4.0), ("bare_loop", 3.0))
    ]
    table = rows(render(turns, MACHINE))
    assert table["optuna_processes"][0] == "8 (4 to 12)"
    assert table["optuna_processes"][2:4] == ["2 (2 to 2)", "≥ 2.5: missed"]
    assert table["bare_loop"][2:4] == ["1.5 (1.5 to 1.5)", "≥ 1: reached"]
    assert table["gradsweep"][2:4] == ["–", "–"]


def test_what_is_missing_in_mlflow_stands_in_the_row() -> None:
    from dataclasses import replace

    turns = [replace(measured("ray_tune_tuned", 9.0), problems=("3 trials instead of 128",))]
    assert rows(render(turns, MACHINE))["ray_tune_tuned"][-1] == "3 trials instead of 128"


def test_the_page_names_hardware_versions_date_and_commit() -> None:
    text = render([measured("gradsweep", 2.0)], MACHINE)
    assert "2 cores (a processor), 4.0 GiB, an OS; Python 3.11.2, torch 2.13.0." in text
    assert "Measured 2026-11-18" in text
    assert "abc1234" in text


def test_a_part_of_the_trials_is_shown_as_one() -> None:
    from dataclasses import replace

    turns = [replace(measured("ray_tune_documented", 300.0), num_timed=16)]
    assert rows(render(turns, MACHINE))["ray_tune_documented"][1] == "16 of 128"

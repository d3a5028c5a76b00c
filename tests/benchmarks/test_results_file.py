import pytest

from benchmarks.results_file import Spread, document, merged, ratio, ratios, read
from tests.benchmarks.measurements import measured


def test_a_ratio_is_taken_within_each_round_before_the_median_over_rounds() -> None:
    # The machine is twice as slow in round 2, for both: the ratio of medians would not be 3.
    turns = [
        *(measured("gradsweep", 2.0, round=1), measured("optuna_processes", 6.0, round=1)),
        *(measured("gradsweep", 4.0, round=2), measured("optuna_processes", 12.0, round=2)),
        *(measured("gradsweep", 2.0, round=3), measured("optuna_processes", 8.0, round=3)),
    ]
    assert ratio(turns, "digits_mlp_128", "optuna_processes") == Spread(3.0, 3.0, 4.0, 3)


def test_a_round_in_which_gradsweep_did_not_run_gives_no_ratio() -> None:
    turns = [measured("gradsweep", 2.0, round=1), measured("bare_loop", 3.0, round=2)]
    assert ratio(turns, "digits_mlp_128", "bare_loop") is None
    assert ratios(turns) == {}


def test_ratios_are_listed_by_case_and_contestant_and_not_against_itself() -> None:
    turns = [
        *(measured("gradsweep", 2.0), measured("bare_loop", 3.0)),
        *(measured("gradsweep", 5.0, case="rnn50_64"), measured("bare_loop", 20.0, case="rnn50_64")),
    ]
    assert ratios(turns) == {"digits_mlp_128": {"bare_loop": 1.5}, "rnn50_64": {"bare_loop": 4.0}}


def test_a_turn_measured_again_replaces_the_earlier_one_and_others_stay() -> None:
    old = [measured("gradsweep", 2.0), measured("bare_loop", 3.0)]
    found = merged(old, [measured("gradsweep", 1.0)])
    assert {turn.contestant: turn.seconds for turn in found} == {"bare_loop": 3.0, "gradsweep": 1.0}
    assert len(found) == 2


def test_measurements_are_read_back_from_the_file_as_they_were(tmp_path) -> None:
    import json

    turns = [measured("gradsweep", 2.0), measured("bare_loop", 3.0)]
    path = tmp_path / "latest.json"
    assert read(path) == []
    path.write_text(json.dumps(document(turns, {"num_cores": 2})))
    assert read(path) == turns


def test_the_spread_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="median"):
        Spread.of([])

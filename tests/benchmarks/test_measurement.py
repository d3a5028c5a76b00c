import pytest

from benchmarks.measurement import extrapolated


def test_what_was_trained_in_full_is_not_extrapolated() -> None:
    assert extrapolated(7.0, [1.0, 7.0], num_timed=2, num_trials=2) == 7.0


def test_the_rest_goes_at_the_pace_of_the_second_half_so_that_the_start_counts_once() -> None:
    # The first trial waits 10 s for a start; from then on one ends every second.
    ends = [11.0 + i for i in range(8)]
    assert extrapolated(18.0, ends, num_timed=8, num_trials=100) == pytest.approx(18.0 + 92)


def test_two_workers_that_end_trials_in_pairs_have_the_pace_of_both() -> None:
    ends = [4.0, 4.0, 8.0, 8.0, 12.0, 12.0, 16.0, 16.0]
    assert extrapolated(16.0, ends, num_timed=8, num_trials=16) == pytest.approx(16.0 + 8 * (8.0 / 4))


def test_trials_whose_ends_nobody_noted_are_scaled_by_their_number() -> None:
    assert extrapolated(10.0, [], num_timed=4, num_trials=16) == 40.0

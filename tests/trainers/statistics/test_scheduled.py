import numpy as np
import torch

from trainers.statistics.scheduled import CURVES, NUM_AVERAGED, Measured, Schedule, trailing_means

NAN = np.nan


def measured(steps: list[int], **values: object) -> Measured:
    return Measured(np.array(steps), {name: np.array(rows, float) for name, rows in values.items()}, 16)


def test_a_window_shows_its_latest_measurement_and_nan_where_it_has_none() -> None:
    scalars, _ = measured([0, 4, 8], sharpness=[1.0, 2.0, 3.0]).curves(np.array([5, 7, 9]))
    np.testing.assert_array_equal(scalars["sharpness"], [2.0, NAN, 3.0])


def test_what_has_no_value_at_all_has_no_curve() -> None:
    found = measured([0], sharpness=[1.0], preconditioned_sharpness=[NAN], attention_logit_max=[[NAN, NAN]])
    scalars, layers = found.curves(np.array([0]))
    assert scalars.keys() == {"sharpness"}
    assert layers == {}


def test_every_curve_has_its_name_in_the_list() -> None:
    names = ("sharpness", "preconditioned_sharpness")
    by_layer = ("grad_signal", "grad_noise", "activation_rms", "num_dead", "num_units", "attention_logit_max")
    found = measured([0], **{name: [1.0] for name in names}, **{name: [[1.0]] for name in by_layer})
    scalars, _ = found.curves(np.array([0]))
    assert set(scalars) == set(CURVES)


def test_dead_units_are_shares_of_each_layer_and_of_all_units() -> None:
    found = measured([0], num_dead=[[1, 6, NAN]], num_units=[[4, 16, NAN]])
    scalars, layers = found.curves(np.array([0]))
    np.testing.assert_array_equal(layers["dead_fraction"], [[0.25, 0.375, NAN]])
    assert scalars["dead_fraction"].tolist() == [7 / 20]


def test_maxima_go_over_the_layers_that_have_one() -> None:
    found = measured([0, 1], attention_logit_max=[[NAN, 3.0, 5.0], [NAN, 9.0, NAN]])
    scalars, _ = found.curves(np.array([0, 1]))
    np.testing.assert_array_equal(scalars["attention_logit_max"], [5.0, NAN])


def test_signal_and_noise_are_averaged_before_they_are_divided() -> None:
    found = measured([0, 1], grad_signal=[[1.0, 0.0], [3.0, 2.0]], grad_noise=[[2.0, 1.0], [6.0, 3.0]])
    scalars, layers = found.curves(np.array([0, 1]))
    np.testing.assert_allclose(scalars["grad_snr"], [1 / 3, (1 + 5) / (3 + 9)])
    np.testing.assert_allclose(scalars["grad_noise_scale"], [16 * 3, 16 * 2])
    np.testing.assert_allclose(layers["grad_snr"], [[0.5, 0.0], [0.5, 0.5]])


def test_the_average_goes_back_over_so_many_measurements_and_skips_broken_ones() -> None:
    values = np.arange(12.0)
    values[11] = np.inf
    means = trailing_means(values)
    assert means[3] == 1.5
    assert means[10] == values[11 - NUM_AVERAGED : 11].mean()
    assert means[11] == values[12 - NUM_AVERAGED : 11].mean()
    assert np.isnan(trailing_means(np.array([NAN]))).all()


def test_a_member_that_left_keeps_its_column() -> None:
    schedule = Schedule(every=2, num_steps=5, num_members=2, batch_size=16)
    schedule.add(0, [0, 1], {"sharpness": np.array([1.0, 2.0])})
    schedule.add(2, [1], {"sharpness": np.array([3.0])})
    resumed = Schedule(every=2, num_steps=5, num_members=2, batch_size=16)
    resumed.load({name: torch.clone(table) for name, table in schedule.state().items()})
    for one in (schedule, resumed):
        np.testing.assert_array_equal(one.measured(0, 1).values["sharpness"], [1.0])
        np.testing.assert_array_equal(one.measured(1, 5).values["sharpness"], [2.0, 3.0, NAN])
        assert one.measured(1, 3).steps.tolist() == [0, 2]


def test_measurements_are_due_every_so_many_steps_from_the_first_on() -> None:
    schedule = Schedule(every=3, num_steps=10, num_members=1, batch_size=16)
    assert [step for step in range(10) if schedule.is_due(step)] == [0, 3, 6, 9]
    assert [schedule.next_after(step) for step in (0, 1, 2, 3)] == [3, 3, 3, 6]

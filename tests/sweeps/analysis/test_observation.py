"""What is read of a ledger row."""

from sweeps.analysis.observation import observe, observe_all
from tests.sweeps.analysis.trials import make_row


def test_trials_that_differ_in_lr_and_seed_only_share_a_cell() -> None:
    first, second, other = (
        observe(make_row(n, lr, axes={"optimizer.lr": lr, "clip": clip}))
        for n, (lr, clip) in enumerate([(0.1, "none"), (1.0, "none"), (0.1, "norm")])
    )
    assert first.cell == second.cell
    assert first.cell != other.cell


def test_a_different_horizon_is_a_different_cell() -> None:
    first, second = (observe(make_row(n, 0.1, steps=steps)) for n, steps in enumerate((100, 200)))
    assert first.cell != second.cell


def test_whole_optimizers_are_compared_without_their_lr() -> None:
    rows = [make_row(n, lr, axes={"optimizer": {"kind": "sgd", "lr": lr}}) for n, lr in enumerate((0.1, 1.0))]
    first, second = observe_all(rows)
    assert first.axes == second.axes == {"optimizer": {"kind": "sgd"}}
    assert first.cell == second.cell


def test_an_axis_does_not_claim_what_an_axis_inside_it_sets() -> None:
    axes = {"clip": {"kind": "global_norm", "max_norm": 1.0}, "clip.max_norm": 0.3}
    assert observe(make_row(0, 0.1, axes=axes)).axes == {
        "clip": {"kind": "global_norm"},
        "clip.max_norm": 0.3,
    }


def test_an_exploded_trial_has_no_loss_whatever_was_evaluated_before() -> None:
    found = observe(make_row(0, 0.1, "exploded", loss=0.2))
    assert (found.loss, found.objective) == (None, None)


def test_trials_are_read_in_the_order_of_their_numbers() -> None:
    rows = [make_row(n, 0.1) for n in (3, 1, 2)]
    assert [trial.number for trial in observe_all(rows)] == [1, 2, 3]

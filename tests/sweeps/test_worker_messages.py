import pickle

from sweeps.worker_messages import PackOrder, PackReport
from tests.sweeps.small_sweep import small_plan
from trainers.pack import PackProgress, PackTrial


def order(num_seeds: int) -> PackOrder:
    plan = small_plan(
        seeds=num_seeds,
        axes={"optimizer.lr": {"log_uniform": [1e-3, 10]}},
        search={"kind": "random", "trials": 8},
    )
    return PackOrder(
        3, tuple(PackTrial(trial.number, trial.config) for trial in plan.trials), len(plan.trials)
    )


def test_an_order_is_read_back_exactly() -> None:
    sent = order(2)
    assert PackOrder.from_text(sent.to_text()) == sent


def test_an_order_of_many_alike_trials_stays_small() -> None:
    assert len(order(32).to_text()) < 256 * 60


def test_an_order_is_one_word_that_a_file_name_could_hold() -> None:
    assert order(1).to_text().replace("-", "").replace("_", "").rstrip("=").isalnum()


def test_a_report_prints_short_and_survives_pickling() -> None:
    report = PackReport(3, (), PackProgress(4, 0, 10, 80), None)
    assert repr(report) == "PackReport(pack=3, 0 trials)"
    assert pickle.loads(pickle.dumps(report)) == report

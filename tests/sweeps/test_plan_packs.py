from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from sweeps.plan import Plan, PlannedPack, make_plan
from sweeps.plan_cost import TrialCost
from sweeps.plan_packs import MAX_PACK, Group, make_packs
from sweeps.spec import parse_spec
from tests.sweeps.spec.examples import digits
from trainers.signature import static_signature


def plan_of(num_lrs: int, *hidden: list[int], pack: int | str = "auto", seeds: int = 1) -> Plan:
    axes = {
        "workload.model.hidden": {"values": list(hidden) or [[16]]},
        "clip": {"values": [{"kind": "none"}, {"kind": "global_norm"}]},
        "optimizer.lr": {"log_grid": [0.01, 10, num_lrs]},
    }
    return make_plan(parse_spec(digits(axes=axes, resources={"pack": pack}, seeds=seeds)))


def numbers(packs: tuple[PlannedPack, ...]) -> list[int]:
    return sorted(trial.number for pack in packs for trial in pack.trials)


@settings(max_examples=30)
@given(st.integers(2, 60), st.integers(1, 9), st.sampled_from(["auto", 1, 7, 500]), st.booleans())
def test_every_trial_is_in_exactly_one_pack(
    num_lrs: int, workers: int, pack: int | str, two_models: bool
) -> None:
    plan = plan_of(num_lrs, *([[8], [32]] if two_models else [[8]]), pack=pack)
    packs = plan.packs(workers)
    assert numbers(packs) == [trial.number for trial in plan.trials]
    assert [one.number for one in packs] == list(range(len(packs)))
    assert all(one.trials for one in packs)


def test_a_pack_holds_one_signature() -> None:
    packs = plan_of(20, [8], [32]).packs(2)
    assert len({pack.signature for pack in packs}) == 2
    for pack in packs:
        assert {static_signature(trial.config) for trial in pack.trials} == {pack.signature}


def test_a_fixed_pack_size_is_kept() -> None:
    assert [len(pack.trials) for pack in plan_of(25, pack=20).packs(4)] == [17, 17, 16]


def test_every_worker_gets_several_packs_of_a_large_plan() -> None:
    packs = plan_of(80, seeds=2).packs(2)
    sizes = [len(pack.trials) for pack in packs]
    assert len(packs) >= 4
    assert max(sizes) - min(sizes) <= 1


def test_short_trials_make_full_stacks_and_long_ones_small_packs() -> None:
    trials = list(plan_of(16, seeds=4).trials)
    sizes = {
        seconds: [len(pack.trials) for pack in make_packs([Group("one", cost, trials)], 2, "auto", 0)]
        for seconds in (0.01, 0.125, 10.0)
        for cost in [TrialCost(seconds, 1 << 10)]
    }
    assert sizes == {0.01: [32] * 4, 0.125: [16] * 8, 10.0: [16] * 8}


def test_every_worker_gets_a_pack_of_a_small_plan() -> None:
    assert len(plan_of(3).packs(4)) == 4
    assert len(plan_of(2).packs(16)) == 4


def test_no_pack_is_larger_than_stacking_or_memory_allow() -> None:
    assert max(len(pack.trials) for pack in plan_of(600, seeds=2).packs(1)) <= MAX_PACK
    plan = plan_of(40)
    heavy = Group("heavy", TrialCost(1.0, 1 << 28), list(plan.trials))
    assert max(len(pack.trials) for pack in make_packs([heavy], 1, "auto", 0)) <= 4


def test_each_pack_holds_some_of_every_part_of_the_plan() -> None:
    plan = plan_of(32, pack=16)
    for pack in plan.packs(2):
        clips = Counter(trial.config.clip.kind for trial in pack.trials)
        rates = [trial.config.optimizer.lr for trial in pack.trials]
        assert min(clips["none"], clips["global_norm"]) >= 6
        assert min(rates) < 0.1
        assert max(rates) > 1


def test_packs_that_take_longest_are_handed_out_first() -> None:
    packs = plan_of(16, [8], [512, 512], pack=16).packs(2)
    widths = [pack.trials[0].config.workload.model.hidden for pack in packs]
    assert widths == [(512, 512), (512, 512), (8,), (8,)]

"""What holds for every gradient and threshold."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.clipping.harness import LAYOUT, clip_once, gradients, stack
from trainers.catalogue import alternatives
from trainers.clipping import (
    AdaGC,
    Agc,
    AutoClip,
    Clip,
    ClipConfig,
    GlobalNorm,
    NoClip,
    Normalize,
    PerTensorNorm,
    SkipStep,
    SpikeMomentumReset,
    Value,
    ZClip,
)

THRESHOLDS = st.floats(1e-6, 1e6)
ENTRIES = st.floats(-1e12, 1e12, allow_subnormal=False)
HUGE = 1e30


def rows(num_members: int = 2) -> st.SearchStrategy[Tensor]:
    """Gradients (M, P)."""
    row = st.lists(ENTRIES, min_size=LAYOUT.size, max_size=LAYOUT.size)
    return st.lists(row, min_size=num_members, max_size=num_members).map(
        lambda values: torch.tensor(values, dtype=torch.float64)
    )


@given(rows(), THRESHOLDS)
def test_a_clipped_norm_meets_its_bound(flat: Tensor, c: float) -> None:
    clipped = clip_once([GlobalNorm(max_norm=c)] * 2, flat)
    assert (torch.linalg.vector_norm(clipped.flat, dim=1) <= c * (1 + 1e-12)).all()


@given(rows(), THRESHOLDS)
def test_each_clipped_tensor_meets_its_bound(flat: Tensor, c: float) -> None:
    clipped = clip_once([PerTensorNorm(max_norm=c)] * 2, flat)
    for segment in LAYOUT.segments(clipped.flat):
        assert (torch.linalg.vector_norm(segment, dim=1) <= c * (1 + 1e-12)).all()


@given(rows(), THRESHOLDS)
def test_each_clipped_entry_meets_its_bound(flat: Tensor, c: float) -> None:
    clipped = clip_once([Value(max_value=c)] * 2, flat)
    assert clipped.flat.abs().max() <= c


@shows("invariant", "reference", of=[Normalize])
@given(rows(), THRESHOLDS)
def test_a_normalised_gradient_has_the_asked_norm_unless_it_is_zero(flat: Tensor, alpha: float) -> None:
    flat[0] = 0
    clipped = clip_once([Normalize(alpha=alpha)] * 2, flat)
    assert clipped.flat[0].abs().max() == 0
    if flat[1].abs().max() > 1e-6:
        torch.testing.assert_close(
            torch.linalg.vector_norm(clipped.flat[1]).item(), alpha, rtol=1e-12, atol=0
        )


@pytest.mark.parametrize("make", [lambda c: Value(max_value=c), lambda c: PerTensorNorm(max_norm=c)])
@given(flat=rows(), c=THRESHOLDS)
def test_clipping_twice_changes_nothing_more(make: Callable[[float], Clip], flat: Tensor, c: float) -> None:
    once = clip_once([make(c)] * 2, flat).flat
    twice = clip_once([make(c)] * 2, once).flat
    torch.testing.assert_close(twice, once, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    "clip", [Value(max_value=HUGE), PerTensorNorm(max_norm=HUGE), GlobalNorm(max_norm=HUGE)]
)
@given(flat=rows())
def test_a_huge_bound_changes_nothing(clip: Clip, flat: Tensor) -> None:
    clipped = clip_once([clip] * 2, flat)
    assert torch.equal(clipped.flat, flat)
    assert clipped.clipped.tolist() == [0, 0]
    assert clipped.coefficient.tolist() == [1, 1]


@pytest.mark.parametrize("kind", [GlobalNorm, PerTensorNorm])
@given(flat=rows(), c=THRESHOLDS)
def test_the_direction_of_each_tensor_stays(kind: type[GlobalNorm], flat: Tensor, c: float) -> None:
    clipped = clip_once([kind(max_norm=c)] * 2, flat)
    for before, after in zip(LAYOUT.segments(flat), LAYOUT.segments(clipped.flat), strict=True):
        norms = torch.linalg.vector_norm(before, dim=1) * torch.linalg.vector_norm(after, dim=1)
        torch.testing.assert_close(torch.linalg.vecdot(before, after), norms, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("kind", [GlobalNorm, PerTensorNorm, Normalize])
@given(flat=rows(), c=THRESHOLDS)
def test_a_norm_that_a_rule_knows_for_free_is_right(kind: type[Clip], flat: Tensor, c: float) -> None:
    name = next(name for name in kind.model_fields if name != "kind")
    clipped = clip_once([kind(**{name: c})] * 2, flat)
    assert clipped.norm is not None
    torch.testing.assert_close(
        clipped.norm, torch.linalg.vector_norm(clipped.flat, dim=1), rtol=1e-9, atol=1e-12
    )


@given(rows(), THRESHOLDS)
def test_the_coefficient_is_the_smallest_factor_on_an_entry(flat: Tensor, c: float) -> None:
    clipped = clip_once([Value(max_value=c)] * 2, flat)
    factors = torch.where(flat == 0, 1.0, clipped.flat / flat)
    torch.testing.assert_close(clipped.coefficient, factors.amin(dim=1), rtol=1e-12, atol=0)
    assert torch.equal(clipped.clipped == 1, (clipped.flat != flat).any(dim=1))


NEVER_LONGER = [kind() for kind in alternatives(ClipConfig) if kind is not Normalize]


@shows("invariant", of=NEVER_LONGER)
@pytest.mark.parametrize("clip", NEVER_LONGER, ids=lambda clip: clip.kind)
@given(steps=st.lists(rows(), min_size=1, max_size=6))
def test_no_entry_grows_or_turns_round(clip: Clip, steps: list[Tensor]) -> None:
    rule = stack([clip] * 2, steps[0])
    for step, flat in enumerate(steps):
        after = rule.clip(gradients(flat, step, loss=float(step))).applied().flat
        assert (after.abs() <= flat.abs() * (1 + 1e-12)).all()
        assert (after * flat >= 0).all()


KINDS: list[list[Clip]] = [
    [NoClip()] * 4,
    [Value(max_value=c) for c in (0.1, 0.5, 1, 2)],
    [PerTensorNorm(max_norm=c) for c in (0.1, 0.5, 1, 2)],
    [GlobalNorm(max_norm=c) for c in (0.1, 0.5, 1, 2)],
    [Normalize(alpha=c) for c in (0.1, 0.5, 1, 2)],
    [Agc(fraction=c) for c in (0.1, 0.5, 1, 2)],
    [AutoClip(percentile=c) for c in (0, 10, 50, 100)],
    [ZClip(warmup_steps=2, z_threshold=c) for c in (0.1, 0.5, 1, 2)],
    [AdaGC(warmup_steps=2, ratio=c) for c in (0.1, 0.5, 1, 2)],
    [SpikeMomentumReset(threshold=c, reset_every=3) for c in (0.1, 0.5, 1, 2)],
    [SkipStep(window=4, z_threshold=c) for c in (0.1, 0.5, 1, 2)],
]


@pytest.mark.parametrize("clips", KINDS, ids=lambda clips: clips[0].kind)
@given(flat=rows(4), kept=st.sets(st.integers(0, 3), min_size=1))
def test_members_that_stay_never_notice_those_that_leave(
    clips: list[Clip], flat: Tensor, kept: set[int]
) -> None:
    indices = torch.tensor(sorted(kept))
    rule, never = stack(clips, flat), stack([clips[row] for row in sorted(kept)], flat[indices])
    for step in range(4):
        scaled = flat * (1 + step)
        rule.clip(gradients(scaled, step))
        never.clip(gradients(scaled[indices], step))
    rule.keep(indices)
    after = rule.clip(gradients(flat[indices], step=4)).applied()
    expected = never.clip(gradients(flat[indices], step=4)).applied()
    assert torch.equal(after.flat, expected.flat)
    assert torch.equal(after.coefficient, expected.coefficient)

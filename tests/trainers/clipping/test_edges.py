"""What clip rules do at NaN, infinity, zero, enormous entries and impossible thresholds."""

import math

import pytest
import torch
from pydantic import TypeAdapter, ValidationError

from tests.trainers.aspects import shows
from tests.trainers.clipping.harness import LAYOUT, clip_once, draw, gradients
from trainers.catalogue import alternatives
from trainers.clipping import Clip, ClipConfig, GlobalNorm, Normalize, PerTensorNorm, Value

BOUNDED: list[Clip] = [Value(), PerTensorNorm(), GlobalNorm(), Normalize(alpha=1.0)]
CLIPS: list[Clip] = [kind() for kind in alternatives(ClipConfig)]


@shows("nan", of=CLIPS)
@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.kind)
def test_a_nan_stays_a_nan_and_leaves_other_members_alone(clip: Clip) -> None:
    flat = draw(2)
    flat[0, 3] = math.nan
    clipped = clip_once([clip] * 2, flat)
    assert clipped.flat[0, 3].isnan()
    assert torch.equal(clipped.flat[1:], clip_once([clip], flat[1:]).flat)


@shows("infinity", of=CLIPS)
@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.kind)
def test_an_infinity_is_bounded_by_rules_for_entries_and_left_by_those_that_scale(clip: Clip) -> None:
    flat = draw(2)
    flat[0, 3] = math.inf
    clipped = clip_once([clip] * 2, flat)
    assert clipped.flat[0, 3].isfinite() == (clip.kind in ("value", "spike_momentum_reset"))
    assert torch.equal(clipped.flat[1:], clip_once([clip], flat[1:]).flat)


def test_an_infinity_becomes_the_largest_value_as_in_torch() -> None:
    flat = draw(1)
    flat[0, 3] = -math.inf
    assert clip_once([Value(max_value=0.5)], flat).flat[0, 3] == -0.5


@shows("zero", of=CLIPS)
@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.kind)
def test_a_gradient_of_zero_stays_zero_and_counts_as_unclipped(clip: Clip) -> None:
    clipped = clip_once([clip], torch.zeros(1, LAYOUT.size))
    assert torch.equal(clipped.flat, torch.zeros(1, LAYOUT.size))
    assert clipped.clipped.tolist() == [0]
    assert clipped.coefficient.tolist() == [1]


@pytest.mark.parametrize("clip", [GlobalNorm(max_norm=2.0), Normalize(alpha=2.0)], ids=lambda clip: clip.kind)
def test_entries_whose_squares_overflow_are_clipped_to_the_bound(clip: Clip) -> None:
    flat = torch.full((1, LAYOUT.size), 1e30, dtype=torch.float32)
    clipped = clip_once([clip], flat)
    assert clipped.flat.isfinite().all()
    torch.testing.assert_close(torch.linalg.vector_norm(clipped.flat).item(), 2.0, rtol=1e-5, atol=0)


def test_one_enormous_tensor_is_clipped_without_harm_to_the_others() -> None:
    flat = torch.full((1, LAYOUT.size), 1e-3, dtype=torch.float32)
    flat[:, :6] = -1e30
    clipped = clip_once([PerTensorNorm(max_norm=1.0)], flat)
    torch.testing.assert_close(torch.linalg.vector_norm(clipped.flat[:, :6]).item(), 1.0, rtol=1e-5, atol=0)
    assert torch.equal(clipped.flat[:, 6:], flat[:, 6:])


def test_a_gradient_too_short_to_divide_by_stays_finite() -> None:
    flat = torch.full((1, LAYOUT.size), 1e-44, dtype=torch.float32)
    assert clip_once([Normalize(alpha=1.0)], flat).flat.isfinite().all()


@shows("empty", of=CLIPS)
@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.kind)
def test_no_members_is_no_work(clip: Clip) -> None:
    rule = type(clip).stack([clip], LAYOUT, draw(1))
    rule.keep(torch.tensor([], dtype=torch.int64))
    flat = draw(1)[:0]
    assert rule.clip(gradients(flat)).applied().flat.shape == (0, LAYOUT.size)


@pytest.mark.parametrize("threshold", [0.0, -1.0, math.inf, math.nan])
@pytest.mark.parametrize("clip", BOUNDED, ids=lambda clip: clip.kind)
def test_a_threshold_that_bounds_nothing_is_refused(clip: Clip, threshold: float) -> None:
    name = next(name for name in type(clip).model_fields if name != "kind")
    with pytest.raises(ValidationError, match=name):
        type(clip)(**{name: threshold})


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.kind)
def test_a_kind_is_found_by_its_name(clip: Clip) -> None:
    assert TypeAdapter(ClipConfig).validate_python(clip.model_dump()) == clip

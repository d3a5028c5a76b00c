"""Clip rules that torch has agree with torch's, for every member of a mixed pack."""

import pytest
import torch
from torch.nn.utils import clip_grad_norm_, clip_grad_value_

from tests.trainers.aspects import shows
from tests.trainers.clipping.harness import clip_once, clip_with_torch, draw
from trainers.clipping import GlobalNorm, NoClip, PerTensorNorm, Value

THRESHOLDS = [1e-3, 0.3, 1.0, 2.5, 1e6]


@shows("reference", of=[GlobalNorm])
@pytest.mark.parametrize("seed", range(3))
def test_global_norm_clips_like_torch(seed: int) -> None:
    flat = draw(len(THRESHOLDS), seed)
    clipped = clip_once([GlobalNorm(max_norm=c) for c in THRESHOLDS], flat)
    for row, threshold in enumerate(THRESHOLDS):
        alone = flat[row : row + 1]
        expected = clip_with_torch(alone, lambda params, c=threshold: clip_grad_norm_(params, c))
        torch.testing.assert_close(clipped.flat[row : row + 1], expected, rtol=1e-12, atol=0)


@shows("reference", of=[Value])
@pytest.mark.parametrize("seed", range(3))
def test_value_clips_like_torch(seed: int) -> None:
    flat = draw(len(THRESHOLDS), seed)
    clipped = clip_once([Value(max_value=c) for c in THRESHOLDS], flat)
    for row, threshold in enumerate(THRESHOLDS):
        expected = clip_with_torch(
            flat[row : row + 1], lambda params, c=threshold: clip_grad_value_(params, c)
        )
        torch.testing.assert_close(clipped.flat[row : row + 1], expected, rtol=0, atol=0)


@shows("reference", of=[PerTensorNorm])
def test_per_tensor_norm_clips_each_tensor_like_torch_clips_it_alone() -> None:
    flat = draw(len(THRESHOLDS))
    clipped = clip_once([PerTensorNorm(max_norm=c) for c in THRESHOLDS], flat)
    for row, threshold in enumerate(THRESHOLDS):

        def one_by_one(params: list[torch.Tensor], c: float = threshold) -> None:
            for param in params:
                clip_grad_norm_([param], c)

        expected = clip_with_torch(flat[row : row + 1], one_by_one)
        # torch adds 1e-6 to the norm before dividing; this rule does not.
        torch.testing.assert_close(clipped.flat[row : row + 1], expected, rtol=3e-6, atol=0)


@shows("reference", of=[NoClip])
def test_no_clip_changes_nothing() -> None:
    flat = draw(3, scale=1e6)
    clipped = clip_once([NoClip()] * 3, flat)
    torch.testing.assert_close(clipped.flat, flat, rtol=0, atol=0)
    assert clipped.clipped.tolist() == [0, 0, 0]
    assert clipped.coefficient.tolist() == [1, 1, 1]

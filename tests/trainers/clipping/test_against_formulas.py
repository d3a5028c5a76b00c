"""Rules that torch does not have agree with their papers' formulas over hundreds of steps with spikes."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.trainers.aspects import shows
from tests.trainers.clipping import formulas
from tests.trainers.clipping.formulas import Rule
from tests.trainers.clipping.harness import draw, gradients, stack
from trainers.clipping import AdaGC, Agc, AutoClip, Clip, SkipStep, SpikeMomentumReset, ZClip

NUM_STEPS = 220
PACKS: list[tuple[list[Clip], Callable[..., Rule]]] = [
    ([Agc(), Agc(fraction=0.3), Agc(fraction=2.0, eps=0.5)], formulas.agc),
    ([AutoClip(), AutoClip(percentile=0), AutoClip(percentile=57.3)], formulas.autoclip),
    ([ZClip(), ZClip(z_threshold=1.0, alpha=0.5), ZClip(warmup_steps=60)], formulas.zclip),
    ([AdaGC(), AdaGC(max_norm=10, warmup_steps=7), AdaGC(ratio=0.9, beta=0.5)], formulas.adagc),
    (
        [
            SpikeMomentumReset(reset_every=60),
            SpikeMomentumReset(threshold=2.0, beta=0.9),
            SpikeMomentumReset(threshold=9.0, reset_every=13),
        ],
        formulas.spike_momentum_reset,
    ),
    ([SkipStep(), SkipStep(window=16), SkipStep(z_threshold=1.0, window=50)], formulas.skip_step),
]


def _stream(num_members: int) -> list[tuple[Tensor, Tensor, float]]:
    """Gradients and parameters (M, P) and a loss for every step; one in twenty is a spike."""
    generator = np.random.default_rng(0)
    spikes = np.where(generator.random(NUM_STEPS) < 0.05, 50.0, 1.0)
    return [
        (
            draw(num_members, 2 * step) * spikes[step],
            draw(num_members, 2 * step + 1),
            float(2 + generator.normal() + (spikes[step - 3] > 1) * 40),
        )
        for step in range(NUM_STEPS)
    ]


@shows("reference", of=[clips[0] for clips, _ in PACKS])
@pytest.mark.parametrize(("clips", "formula"), PACKS, ids=[clips[0].kind for clips, _ in PACKS])
def test_a_rule_follows_its_formula_in_a_mixed_pack(clips: list[Clip], formula: Callable[..., Rule]) -> None:
    rule = stack(clips, draw(len(clips)))
    references = [formula(clip) for clip in clips]
    num_changed = 0
    for step, (flat, params, loss) in enumerate(_stream(len(clips))):
        clipped = rule.clip(gradients(flat, step, params, loss)).applied()
        for row, reference in enumerate(references):
            expected = reference(flat[row].numpy(), params[row].numpy(), loss, step)
            np.testing.assert_allclose(clipped.flat[row].numpy(), expected, rtol=1e-10, atol=1e-13)
            changed = not np.allclose(expected, flat[row].numpy(), rtol=1e-12, atol=0)
            assert bool(clipped.clipped[row]) == changed
            num_changed += changed
        if clipped.norm is not None:
            torch.testing.assert_close(clipped.norm, torch.linalg.vector_norm(clipped.flat, dim=1))
    assert num_changed > 3


@pytest.mark.parametrize(("clips", "formula"), PACKS, ids=[clips[0].kind for clips, _ in PACKS])
def test_a_member_behaves_as_if_it_were_alone(clips: list[Clip], formula: Callable[..., Rule]) -> None:
    together, alone = stack(clips, draw(3)), stack(clips[1:2], draw(1))
    for step, (flat, params, loss) in enumerate(_stream(3)[:120]):
        if step == 70:
            together.keep(torch.tensor([1]))
        rows = slice(None) if step < 70 else slice(1, 2)
        mine = (
            together.clip(gradients(flat[rows], step, params[rows], loss))
            .applied()
            .flat[1 if step < 70 else 0]
        )
        lone = alone.clip(gradients(flat[1:2], step, params[1:2], loss)).applied().flat[0]
        torch.testing.assert_close(mine, lone, rtol=1e-13, atol=0)

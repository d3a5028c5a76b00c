"""The papers' rules for one trial, as plain NumPy in float64, written without a look at the stacked ones."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tests.trainers.clipping.harness import LAYOUT
from trainers.clipping import AdaGC, Agc, AutoClip, SkipStep, SpikeMomentumReset, ZClip

Row = NDArray[np.float64]
Rule = Callable[[Row, Row, float, int], Row]
"""Gradient (P,), parameters (P,), loss and step to the clipped gradient (P,)."""


def agc(clip: Agc) -> Rule:
    def rule(grads: Row, params: Row, loss: float, step: int) -> Row:
        out = grads.copy()
        for spec, (start, stop) in zip(LAYOUT.specs, LAYOUT.bounds, strict=True):
            if spec.is_output:
                continue
            units = [slice(start, stop)]
            if len(spec.shape) > 1:
                width = spec.size // spec.shape[0]
                units = [slice(start + i * width, start + (i + 1) * width) for i in range(spec.shape[0])]
            for unit in units:
                allowed = clip.fraction * max(np.linalg.norm(params[unit]), clip.eps)
                if np.linalg.norm(grads[unit]) > allowed:
                    out[unit] *= allowed / np.linalg.norm(grads[unit])
        return out

    return rule


def autoclip(clip: AutoClip) -> Rule:
    history: list[float] = []

    def rule(grads: Row, params: Row, loss: float, step: int) -> Row:
        history.append(float(np.linalg.norm(grads)))
        allowed = np.percentile(history, clip.percentile)
        return np.asarray(grads * min(1.0, allowed / (history[-1] + 1e-6)))

    return rule


def zclip(clip: ZClip) -> Rule:
    warmup: list[float] = []
    mean = variance = 0.0

    def rule(grads: Row, params: Row, loss: float, step: int) -> Row:
        nonlocal mean, variance
        norm = float(np.linalg.norm(grads))
        if step < clip.warmup_steps:
            warmup.append(norm)
            mean, variance = float(np.mean(warmup)), float(np.var(warmup))
            return grads
        z = (norm - mean) / (np.sqrt(variance) + 1e-6)
        effective = norm
        if z > clip.z_threshold:
            effective = mean + clip.z_threshold**2 * np.sqrt(variance) / z
        mean = clip.alpha * mean + (1 - clip.alpha) * effective
        variance = clip.alpha * variance + (1 - clip.alpha) * (effective - mean) ** 2
        return grads * min(1.0, effective / (norm + 1e-6)) if z > clip.z_threshold else grads

    return rule


def adagc(clip: AdaGC) -> Rule:
    running = [clip.max_norm] * len(LAYOUT.specs)

    def rule(grads: Row, params: Row, loss: float, step: int) -> Row:
        out = grads.copy()
        total = np.linalg.norm(grads)
        for index, (start, stop) in enumerate(LAYOUT.bounds):
            norm = np.linalg.norm(grads[start:stop])
            if step < clip.warmup_steps:
                factor = min(1.0, clip.max_norm / total)
                running[index] = min(running[index], factor * norm)
            else:
                factor = min(1.0, clip.ratio * running[index] / norm)
                running[index] = clip.beta * running[index] + (1 - clip.beta) * factor * norm
            out[start:stop] *= factor
        return out

    return rule


def spike_momentum_reset(clip: SpikeMomentumReset) -> Rule:
    square, age = np.zeros(LAYOUT.size), 0

    def rule(grads: Row, params: Row, loss: float, step: int) -> Row:
        nonlocal square, age
        if step and step % clip.reset_every == 0:
            square, age = np.zeros(LAYOUT.size), 0
        out = grads.copy()
        if age:
            corrected = square / (1 - clip.beta**age)
            spiky = (grads**2 > clip.threshold * corrected) & (corrected > 0)
            out[spiky] = np.sign(grads[spiky]) * np.sqrt(clip.threshold * corrected[spiky])
        square = clip.beta * square + (1 - clip.beta) * out**2
        age += 1
        return out

    return rule


def skip_step(clip: SkipStep) -> Rule:
    losses: list[float] = []
    norms: list[float] = []

    def rule(grads: Row, params: Row, loss: float, step: int) -> Row:
        norm = float(np.linalg.norm(grads))
        skip = False
        if len(losses) >= clip.window / 2:
            for value, past in ((loss, losses), (norm, norms)):
                recent = past[-clip.window :]
                skip |= value - np.mean(recent) > clip.z_threshold * np.std(recent, ddof=1)
        losses.append(loss)
        norms.append(norm)
        return grads * (not skip)

    return rule

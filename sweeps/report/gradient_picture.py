"""A trial's gradients layer by layer as a picture that stands on its own.

A page with a drawing in it, because MLflow shows an SVG file as an empty place: it hands the browser the
bytes without their type.
"""

import numpy as np
from markupsafe import Markup

from sweeps.report.heat_map import ColorScale, heat_map
from trainers.record import Curves

FEWEST_WINDOWS = 3
"""Report windows from which there is something to see."""
STYLE = "text{font:12px sans-serif;fill:#1f2328}.onset{stroke:#1f2328;stroke-dasharray:4 3}"


def gradient_picture(curves: Curves, onset: float | None, label: str) -> bytes | None:
    """A page with each layer's gradient norm over the steps; None where there is nothing to draw.

    `onset` is the step at which the trial broke, if it did.
    """
    norms = curves.layers.get("grad_norm")
    if norms is None or len(curves.steps) < FEWEST_WINDOWS or not np.isfinite(norms).any():
        return None
    drawn = heat_map(
        [float(step) for step in curves.steps],
        curves.layer_names,
        [[float(value) for value in window] for window in norms],
        onset,
        f"gradient norms by layer and step of {label}",
        ColorScale.of([norms]),
    )
    head = Markup('<!doctype html><meta charset="utf-8"><title>Gradients of {}</title><style>{}</style>')
    return (head.format(label, Markup(STYLE)) + drawn).encode()

"""A trial's gradients layer by layer as a picture that stands on its own."""

import numpy as np

from sweeps.report.heat_map import ColorScale, heat_map
from trainers.record import Curves

FEWEST_WINDOWS = 3
"""Report windows from which there is something to see."""
STYLE = (
    "<style>svg{background:#fff}text{font:12px sans-serif;fill:#1f2328}"
    ".onset{stroke:#1f2328;stroke-dasharray:4 3}</style>"
)


def gradient_picture(curves: Curves, onset: float | None, label: str) -> bytes | None:
    """SVG of each layer's gradient norm over the steps; None where there is nothing to draw.

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
    head, body = str(drawn).split(">", 1)
    return f'{head} xmlns="http://www.w3.org/2000/svg">{STYLE}{body}'.encode()

"""Every number that the outcome rules compare with, and why it is what it is."""

DIVERGED_FACTOR = 1e6
"""A loss above this many times the first one does not come back; below, a wild first step may heal."""
SMALLEST_FIRST_LOSS = 1e-8
"""A run that starts solved has no scale of its own; below this the first loss counts as this."""
TAIL_PART = 10
"""W, where a run is judged, is the last tenth of its steps: enough for a mean, short enough to be its end."""
MIN_TAIL_STEPS = 20
"""Fewer steps than this say nothing about a trend."""

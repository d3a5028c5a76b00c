"""Every number that the outcome rules compare with, and why it is what it is.

They were set by training some 500 varied trials (perceptrons of 2 to 10 hidden layers, three activations,
SGD, momentum and Adam, learning rates over 8 decades, with and without clipping) and looking at the curves
on both sides of each line.
"""

DIVERGED_FACTOR = 1e6
"""A loss above this many times the first one does not come back; below, a wild first step may heal."""
SMALLEST_FIRST_LOSS = 1e-8
"""A run that starts solved has no scale of its own; below this the first loss counts as this."""
SMALLEST_LOSS = 1e-12
"""A loss below this is zero: the squared error of numbers that are right to float32's last digits."""
TAIL_PART = 10
"""W, where a run is judged, is the last tenth of its steps: enough for a mean, short enough to be its end."""
MIN_TAIL_STEPS = 20
"""Fewer steps than this say nothing about a trend; a shorter run is judged by its second half."""
UNMOVED_PATH = 1e-3
"""While all updates together are below this share of the weights, the loss is still that of the start."""
NOISE_DEVIATIONS = 3.0
"""The first loss carries its batch's noise; a run must end this many deviations higher to have risen."""
SMALLEST_RISE = 0.01
"""Without any noise, ending 1 % above the start is a rise: the counterpart of the 1 % that stalling means."""
CERTAIN_RISE = 0.5
"""Ending at 1.5 times the first loss is a rise whatever the noise: a bouncing run is its own noise."""
VANISHED_LAYER_RATIO = 1e-5
"""First layer's gradient over the last one's; healthy nets had 0.02 to 300, dead ones below 1e-6."""
VANISHED_NORM_RATIO = 1e-7
"""Global gradient norm over that of the first step: about the resolution of float32."""
HARDLY_ANY_PROGRESS = 0.1
"""Biases alone gain up to 5 % on a bad start while no gradient reaches the layers; learning gains more."""
STALLED_IMPROVEMENT = 0.01
"""Less than 1 % below the start is no training."""
CERTAIN_GAIN = 0.05
"""Ending 5 % below the start is a gain whatever the noise of W, which two standard errors hide else."""
CHANCE_MARGIN = 0.03
"""A net that forgot its inputs stays within 3 % of the best constant prediction, the noise of its biases."""
BAD_START = 1.1
"""Only a start this many times worse than a constant prediction can have fallen to it and be stuck there."""
BOUNCING_COSINE = -0.7
"""On a quadratic with noisy gradients the cosine of successive ones is −lr·λ/2: lr is at 70 % of the edge.

Full-batch bouncing shows −0.99; healthy mini-batch training stayed above −0.6.
"""
CLIPPED_COSINE = -0.3
"""Clipped in every step, a run makes steps of one length and cannot settle: half a bounce is enough to tell.

Noise of batches hides the rest: a linear model at five times its edge, held by clipping, shows −0.4.
"""
ALWAYS_CLIPPED = 0.95
"""Share of W's steps; rules that clip outliers only, or nine steps of ten as autoclip, stay below."""
BOUNCE_SHARE = 1e-3
"""Bouncing across a quadratic costs ¼‖g‖‖Δw‖ of loss; below this share of the loss it is rounding."""
DYING_OUT = 0.9
"""A bounce whose gradient shrinks by a tenth from one tenth of the run to the next converges."""
DESCENDING = 0.01
"""A mean loss 1 % below that of as many steps before is descent, if it is also beyond the noise."""
DESCENDING_ERRORS = 2.0
"""Standard errors that a descent must exceed."""
SOLVED_LOSS = 1e-4
"""Below this share of the start nobody cares which way the last digits move."""
ABOVE_BEST = 1.5
"""A tail loss this many times the best mean of as many steps has given up what was won."""
ABOVE_BEST_SHARE = 0.05
"""... and by this share of the start at least: tiny losses wander by factors without harm."""
SPIKY_SCORE = 0.02
"""Percent of steps: one spike in 5,000 steps or fewer makes a run spiky."""
SPIKE_OVER_LEVEL = 0.2
"""A spike of less than 20 % over the level before it is a hard batch, whatever its deviations."""
SPIKE_OVER_START = 0.02
"""... and so is one of less than 2 % of the first loss: losses near zero have heavy tails."""
JUMP_OVER_START = 0.5
"""A loss this share of the start above the level before it jumped, where the spike score cannot see it: its
window is not full yet, or still holds the descent, whose deviation is that of no batch."""
JUMP_DEVIATIONS = 12.0
"""... and by this many deviations of the steps before it, from their median: hard batches stay below."""
WARM_UP_PART = 10
"""The first tenth of the steps may overshoot."""
PEAK_FACTOR = 2.0
"""A loss above twice the start after that is a spike even when it lasts too long for the spike score."""
PEAK_STEPS = 5
"""Steps over which the peak is averaged, so that one noisy batch of few examples is none."""
LEFT_OUT_SHARE = 0.5
"""Left-out updates from this share of the steps on explain why there was no progress."""

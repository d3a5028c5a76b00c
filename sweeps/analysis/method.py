"""What the words of an analysis mean, for those who read a report without the guide at hand."""

from types import MappingProxyType

from sweeps.analysis.labels import percent
from sweeps.analysis.recommendation import REQUIRED_P_STABLE
from sweeps.analysis.yardstick import REQUIRED_FACTOR, REQUIRED_SHARE

METHOD = MappingProxyType(
    {
        "Cell": "All trials that share everything except learning rate and seed.",
        "P(stable)": (
            "The share of a setting's seeds whose outcome is stable. Spiky counts as not stable: a run that "
            "recovers from spikes here may not do so in a longer one. Failed trials are left out. Intervals "
            "are Wilson's at 95 %: two stable seeds of two say no more than P(stable) ≥ 0.34."
        ),
        "Edge": (
            "Where P(stable) falls below one half as the learning rate grows, within the horizon: more steps "
            "move it down. [a, b) means stable at a and not at b, the next learning rate tried. When "
            "P(stable) crosses one half more than once, the edge is a band. Too small learning rates end "
            "stalled; that is not an edge."
        ),
        "Fitted edge": (
            "P(stable) = 1 / (1 + (lr/edge)^slope), by penalised maximum likelihood (Firth 1993), with the "
            "profile of the penalised likelihood as its 95 % interval. It is wide where seeds are few."
        ),
        "LR sensitivity": (
            "The mean over learning rates of min(ℓ(lr), ℓ₀) − ℓ*: ℓ the final evaluation loss, ℓ₀ the loss "
            "at initialisation, ℓ* the best; a loss that is not finite counts as ℓ₀ (arXiv 2309.14322)."
        ),
        "Margin": (
            "The factor in learning rate from a setting to the lower end of its cell's edge. Where edges "
            "were looked for along another axis, the factor along that one; a share of its range where the "
            "axis is not logarithmic."
        ),
        "Recommendation": (
            f"The best objective among settings with P(stable) ≥ {REQUIRED_P_STABLE} and a margin of at "
            f"least {REQUIRED_FACTOR:g}× ({percent(REQUIRED_SHARE)} of the range on an axis that is not "
            "logarithmic). The runner-up is the best of another cell."
        ),
        "Letters": (
            "A capital letter: all seeds of the tile ended so. A small one: most did, the worse where equal."
        ),
    }
)

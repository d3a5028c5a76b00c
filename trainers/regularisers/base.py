"""The form of a regulariser: what is added to the loss, or drawn during training."""

from trainers.kinds import Kind


class Regulariser(Kind):
    """Base of regulariser configs; the pack's loss asks for the hooks of `trainers.regularisers`."""

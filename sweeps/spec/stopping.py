"""Which trials end before their last step."""

from typing import Literal

from trainers.kinds import Kind


class NoStopping(Kind):
    """Every trial trains to its last step, unless its numbers blow up."""

    kind: Literal["none"] = "none"


StoppingConfig = NoStopping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

def forward(
    inputs: Floats, weight: Floats, bias: Floats, recurrent: Floats, states: Floats, activation: int, /
) -> None: ...
def backward(
    grads: Floats | None,
    grads_of_last: Floats | None,
    inputs: Floats,
    weight: Floats,
    recurrent: Floats,
    states: Floats,
    of_inputs: Floats | None,
    of_weight: Floats,
    of_bias: Floats,
    of_recurrent: Floats,
    activation: int,
    /,
) -> None: ...

import numpy as np
from numpy.typing import NDArray

from trainers.statistics.norms import Rows

def measure(
    grads: list[Rows],
    previous: list[Rows],
    copy: Rows | None,
    tensor_norms: NDArray[np.float64],
    rows: NDArray[np.float64],
    /,
) -> float: ...
def norms(rows: Rows, out: NDArray[np.float64], /) -> None: ...
def update(
    params: Rows,
    values: Rows,
    factors: Rows | None,
    value_norms: NDArray[np.float64] | None,
    largest: float,
    weight_norms: NDArray[np.float64],
    change_norms: NDArray[np.float64],
    made: NDArray[np.bool_],
    /,
) -> bool: ...

"""A trial's curves as the bytes that the ledger keeps.

A description of the arrays in JSON, then their contents, compressed as one. NumPy's own archives are ZIP
files with an entry for each array: at some 25 small arrays a trial they took longer to write than the trial's
row, and longer to read than to send to MLflow.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainers.record import Curves

MAGIC = b"curves1\n"
LEVEL = 1
"""Of zlib: higher ones cost twice the time and save a few per cent."""

Array = NDArray[Any]


def to_archive(curves: Curves) -> bytes:
    """The bytes of `curves`, the same for the same curves; `from_archive` reads them back exactly."""
    scalars, layers = curves.scalars, curves.layers
    arrays = [np.ascontiguousarray(array) for array in (curves.steps, *scalars.values(), *layers.values())]
    description = {
        "scalars": list(scalars),
        "layers": list(layers),
        "layer_names": curves.layer_names,
        "arrays": [[array.dtype.str, array.shape] for array in arrays],
    }
    head = json.dumps(description, separators=(",", ":")).encode() + b"\n"
    return MAGIC + zlib.compress(head + b"".join(array.tobytes() for array in arrays), LEVEL)


def from_archive(data: bytes) -> Curves:
    """Read what `to_archive` wrote, or an archive of NumPy's from an earlier version."""
    if not data.startswith(MAGIC):
        return Curves.from_bytes(data)
    content = zlib.decompress(data[len(MAGIC) :])
    head, _, body = content.partition(b"\n")
    description = json.loads(head)
    steps, *others = _arrays(bytearray(body), description["arrays"])
    num_scalars = len(description["scalars"])
    return Curves(
        steps=steps,
        scalars=dict(zip(description["scalars"], others[:num_scalars], strict=True)),
        layer_names=tuple(description["layer_names"]),
        layers=dict(zip(description["layers"], others[num_scalars:], strict=True)),
    )


def _arrays(body: bytearray, described: Iterable[tuple[str, list[int]]]) -> Iterator[Array]:
    """The arrays, which share the memory of `body` and may be written to."""
    start = 0
    for kind, shape in described:
        dtype = np.dtype(kind)
        count = int(np.prod(shape))
        yield np.frombuffer(body, dtype, count, start).reshape(shape)
        start += count * dtype.itemsize

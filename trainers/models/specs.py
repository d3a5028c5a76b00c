"""Parameter specs of the usual layers."""

from trainers.layout import ParameterSpec


def dense_specs(
    layer: str, fan_in: int, fan_out: int, *, bias: bool = True, is_output: bool = False
) -> list[ParameterSpec]:
    """Weight (out, in) and bias (out,) of an affine layer."""
    weight = ParameterSpec(f"{layer}.weight", (fan_out, fan_in), "weight", layer, fan_in, fan_out, is_output)
    if not bias:
        return [weight]
    return [weight, ParameterSpec(f"{layer}.bias", (fan_out,), "bias", layer, fan_in, fan_out, is_output)]


def branch_specs(
    branch: str, name: str, fan_in: int, fan_out: int, *, num_maps: int = 1
) -> list[ParameterSpec]:
    """Weights (maps·out, in) and biases of affine maps `name` inside a residual branch, which is a layer."""
    rows = num_maps * fan_out
    full = f"{branch}.{name}"
    return [
        ParameterSpec(f"{full}.weight", (rows, fan_in), "weight", branch, fan_in, fan_out, branch=branch),
        ParameterSpec(f"{full}.bias", (rows,), "bias", branch, fan_in, fan_out, branch=branch),
    ]


def conv_specs(
    layer: str,
    channels_in: int,
    channels_out: int,
    kernel: int,
    num_pixels: int,
    *,
    bias: bool = True,
    branch: str = "",
) -> list[ParameterSpec]:
    """Weight (out, in, kernel, kernel) and bias (out,) of a convolution whose output has `num_pixels`."""
    fan_in, fan_out = channels_in * kernel**2, channels_out * kernel**2
    shape = (channels_out, channels_in, kernel, kernel)
    weight = ParameterSpec(
        f"{layer}.weight", shape, "weight", layer, fan_in, fan_out, branch=branch, num_pixels=num_pixels
    )
    if not bias:
        return [weight]
    return [
        weight,
        ParameterSpec(f"{layer}.bias", (channels_out,), "bias", layer, fan_in, fan_out, branch=branch),
    ]


def recurrent_specs(layer: str, size_in: int, size: int, num_gates: int) -> list[ParameterSpec]:
    """Input weight (gates·n, in), recurrent weight (gates·n, n) and bias (gates·n,) of a cell of n units."""
    rows = num_gates * size
    return [
        ParameterSpec(f"{layer}.weight", (rows, size_in), "weight", layer, size_in, size),
        ParameterSpec(f"{layer}.recurrent", (rows, size), "recurrent", layer, size, size),
        ParameterSpec(f"{layer}.bias", (rows,), "bias", layer, size_in, size),
    ]

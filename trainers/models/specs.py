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

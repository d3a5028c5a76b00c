"""The affine map of all members, with a backward pass of its own."""

from typing import Any

import torch
from torch import Tensor


class Affine(torch.autograd.Function):
    """`inputs` (K or 1, B, in) by `weight` (K, out, in) and `bias` (K, out) or None; twice differentiable.

    Autograd's gradient of `weight.mT` comes out transposed; bringing it into the order of the flat gradient
    (K, P) would cost another pass over it, a fifth of the step for 784 inputs.
    """

    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Outputs (K, B, out)."""
        ctx.save_for_backward(inputs, weight)
        stacked = inputs.expand(weight.shape[0], -1, -1)
        if bias is None:
            return torch.bmm(stacked, weight.mT)
        return torch.baddbmm(bias.unsqueeze(1), stacked, weight.mT)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
        """Gradients of inputs, weight and bias; the weight's is contiguous (K, out, in)."""
        inputs, weight = ctx.saved_tensors
        (grad,) = grads  # (K, B, out)
        wants_inputs, wants_weight, wants_bias = ctx.needs_input_grad
        of_inputs = of_weight = of_bias = None
        if wants_inputs:
            of_inputs = torch.bmm(grad, weight).sum_to_size(inputs.shape)
        if wants_weight:
            of_weight = torch.bmm(grad.mT, inputs.expand(weight.shape[0], -1, -1))
        if wants_bias:
            of_bias = grad.sum(dim=1)
        return of_inputs, of_weight, of_bias

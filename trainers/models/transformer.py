"""A small causal transformer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

from pydantic import Field

from trainers.data.base import DataShape
from trainers.errors import ConfigError
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.models.activations import Activation, activate
from trainers.models.attention import causal_attention
from trainers.models.base import ModelConfig, Params, Tape
from trainers.models.functional import linear_steps, lookup
from trainers.models.inputs import as_sequences, sequence_size
from trainers.models.norms import Norm, norm_specs, normalise
from trainers.models.specs import branch_specs, dense_specs

if TYPE_CHECKING:
    from torch import Tensor

Branch: TypeAlias = "Callable[[Params, str, Tensor, Tape], Tensor]"
"""A residual branch: parameters, its layer, the stream and the tape give what is added to the stream."""


class Transformer(ModelConfig):
    """A causal transformer with learned positions; one output per sequence, or per step for language."""

    kind: Literal["transformer"] = "transformer"
    source = "arXiv 1706.03762; 2002.04745 for pre-norm; 2309.14322 for qk-norm and z-loss"
    width: int = Field(64, ge=1, le=65_536, description="of the residual stream")
    heads: int = Field(4, ge=1, le=1024, description="attention heads; must divide the width")
    layers: int = Field(2, ge=1, le=256, description="blocks of attention and perceptron")
    mlp_ratio: int = Field(4, ge=1, le=64, description="perceptron's hidden units per unit of width")
    activation: Activation = Field("gelu", description="nonlinearity of the perceptrons")
    norm: Norm = Field("layer_norm", description="normalisation of each branch, and of the output for 'pre'")
    norm_place: Literal["pre", "post"] = Field(
        "pre", description="normalise a branch's input, or the stream after a branch was added"
    )
    qk_norm: bool = Field(False, description="layer norm on each head's queries and keys")
    z_loss: float = Field(
        0.0, ge=0, le=1e6, description="factor on the mean of log²(Σ exp logits); 1e-4 is usual, 0 is none"
    )

    def build(self, shape: DataShape) -> TransformerModel:
        """A transformer for sequences, tokens or the rows of images."""
        if self.width % self.heads:
            raise ConfigError(
                f"model.heads {self.heads} does not divide model.width {self.width}: use a divisor"
            )
        if self.z_loss and shape.task in ("regression", "detection"):
            raise ConfigError(
                f"model.z_loss {self.z_loss:g} needs logits, but the task is {shape.task}: set it to 0"
            )
        return TransformerModel(self, shape)


class TransformerModel:
    """A built transformer: layers embedding, blockN.attention, blockN.mlp and output."""

    def __init__(self, config: Transformer, shape: DataShape) -> None:
        self.config = config
        self.reads_tokens = shape.num_tokens is not None
        self.every_step = shape.task == "language"
        self.blocks = tuple(f"block{i + 1}" for i in range(config.layers))
        self.layout = ParameterLayout(tuple(self._specs(shape)))

    def _specs(self, shape: DataShape) -> list[ParameterSpec]:
        config = self.config
        specs = self._embedding_specs(*sequence_size(config.kind, shape))
        for block in self.blocks:
            specs += self._attention_specs(f"{block}.attention") + self._mlp_specs(f"{block}.mlp")
        if config.norm_place == "pre":
            specs += norm_specs(config.norm, "output.norm", config.width, "output")
        return specs + dense_specs("output", config.width, shape.output_size, is_output=True)

    def _embedding_specs(self, num_steps: int, size_in: int) -> list[ParameterSpec]:
        width = self.config.width
        places = ParameterSpec(
            "embedding.places", (num_steps, width), "embedding", "embedding", num_steps, width
        )
        if self.reads_tokens:
            table = ParameterSpec(
                "embedding.tokens", (size_in, width), "embedding", "embedding", size_in, width
            )
            return [table, places]
        return [*dense_specs("embedding", size_in, width), places]

    def _attention_specs(self, layer: str) -> list[ParameterSpec]:
        width, head = self.config.width, self.config.width // self.config.heads
        specs = norm_specs(self.config.norm, f"{layer}.norm", width, layer, branch=layer)
        specs += branch_specs(layer, "qkv", width, width, num_maps=3)
        if self.config.qk_norm:
            specs += norm_specs("layer_norm", f"{layer}.query_norm", head, layer, branch=layer)
            specs += norm_specs("layer_norm", f"{layer}.key_norm", head, layer, branch=layer)
        return specs + branch_specs(layer, "mix", width, width)

    def _mlp_specs(self, layer: str) -> list[ParameterSpec]:
        width, inner = self.config.width, self.config.width * self.config.mlp_ratio
        return [
            *norm_specs(self.config.norm, f"{layer}.norm", width, layer, branch=layer),
            *branch_specs(layer, "in", width, inner),
            *branch_specs(layer, "out", inner, width),
        ]

    def forward(self, params: Params, inputs: Tensor, tape: Tape) -> Tensor:
        """Outputs (K, B, out), or (K, B, T, out) when every step has one, for inputs (K or 1, B, T, ...)."""
        stream = tape.dropout("embedding", tape.observe("embedding", self._embed(params, inputs)))
        for block in self.blocks:
            stream = self._add_branch(params, f"{block}.attention", self._attend, stream, tape)
            stream = self._add_branch(params, f"{block}.mlp", self._transform, stream, tape)
        if not self.every_step:
            stream = stream[:, :, -1:]
        if self.config.norm_place == "pre":
            stream = normalise(self.config.norm, "output.norm", params, stream)
        outputs = linear_steps(stream, params["output.weight"], params["output.bias"])
        if self.config.z_loss:
            tape.penalty(self.config.z_loss * outputs.logsumexp(dim=-1).square().mean(dim=(1, 2)))
        return tape.observe("output", outputs if self.every_step else outputs.squeeze(2))

    def _embed(self, params: Params, inputs: Tensor) -> Tensor:
        places = params["embedding.places"].unsqueeze(1)  # (K, 1, T, width)
        if self.reads_tokens:
            return lookup(inputs, params["embedding.tokens"]) + places
        weight, bias = params["embedding.weight"], params["embedding.bias"]
        return linear_steps(as_sequences(inputs), weight, bias) + places

    def _add_branch(self, params: Params, layer: str, branch: Branch, stream: Tensor, tape: Tape) -> Tensor:
        """The stream (K, B, T, width) with one branch added, normalised before or after."""
        norm, is_pre = self.config.norm, self.config.norm_place == "pre"
        inputs = normalise(norm, f"{layer}.norm", params, stream) if is_pre else stream
        stream = stream + tape.dropout(layer, tape.observe(layer, branch(params, layer, inputs, tape)))
        return stream if is_pre else normalise(norm, f"{layer}.norm", params, stream)

    def _attend(self, params: Params, layer: str, inputs: Tensor, tape: Tape) -> Tensor:
        K, B, T, width = inputs.shape
        qkv = linear_steps(inputs, params[f"{layer}.qkv.weight"], params[f"{layer}.qkv.bias"])
        queries, keys, values = qkv.view(K, B, T, 3, self.config.heads, -1).unbind(3)  # (K, B, T, heads, d)
        if self.config.qk_norm:
            queries = normalise("layer_norm", f"{layer}.query_norm", params, queries)
            keys = normalise("layer_norm", f"{layer}.key_norm", params, keys)
        mixed, logits = causal_attention(
            *(part.transpose(2, 3).flatten(0, 2) for part in (queries, keys, values))
        )
        tape.inside(layer, "logits", logits.view(K, -1, T, T))
        mixed = mixed.view(K, B, self.config.heads, T, -1).transpose(2, 3).reshape(K, B, T, width)
        return linear_steps(mixed, params[f"{layer}.mix.weight"], params[f"{layer}.mix.bias"])

    def _transform(self, params: Params, layer: str, inputs: Tensor, tape: Tape) -> Tensor:
        inner = linear_steps(inputs, params[f"{layer}.in.weight"], params[f"{layer}.in.bias"])
        inner = activate(self.config.activation, inner)
        tape.inside(layer, "units", inner)
        return linear_steps(inner, params[f"{layer}.out.weight"], params[f"{layer}.out.bias"])

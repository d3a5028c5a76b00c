"""The same models in plain torch, one member at a time, reading the stacked model's parameters."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional as F  # noqa: N812
from torch.nn.attention import SDPBackend, sdpa_kernel

Row = Mapping[str, Tensor]
"""Parameters of one member, without the member dimension."""
Reference = Callable[[Row, Tensor], Tensor]


def call(module: nn.Module, tensors: Row, *inputs: Tensor) -> Any:
    with sdpa_kernel(SDPBackend.MATH):  # the fused kernels have no second derivative
        return functional_call(module.double(), dict(tensors), inputs)


def dense(row: Row, layer: str, values: Tensor) -> Tensor:
    weight = row[f"{layer}.weight"]
    bias = row.get(f"{layer}.bias")
    module = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    return call(module, {"weight": weight} | ({} if bias is None else {"bias": bias}), values)


def layer_norm(row: Row, name: str, values: Tensor) -> Tensor:
    tensors = {"weight": row[f"{name}.scale"], "bias": row[f"{name}.shift"]}
    return call(nn.LayerNorm(values.shape[-1]), tensors, values)


def mlp(activation: nn.Module, norm: str = "none", last: nn.Module | None = None) -> Reference:
    def forward(row: Row, inputs: Tensor) -> Tensor:
        values = inputs.flatten(1)
        for layer in ("dense1", "dense2"):
            values = dense(row, layer, values)
            if norm == "layer_norm":
                values = layer_norm(row, f"{layer}.norm", values)
            if norm == "rms_norm":
                module = nn.RMSNorm(values.shape[-1], eps=1e-5)
                values = call(module, {"weight": row[f"{layer}.norm.scale"]}, values)
            values = activation(values)
        values = dense(row, "output", values)
        return values if last is None else last(values)

    return forward


def linear_model(row: Row, inputs: Tensor) -> Tensor:
    return dense(row, "output", inputs)


def token_linear_model(row: Row, inputs: Tensor) -> Tensor:
    return dense(row, "output", F.one_hot(inputs, 5).double().flatten(1))


def conv(row: Row, layer: str, images: Tensor, stride: int = 1, padding: int = 0) -> Tensor:
    weight, bias = row[f"{layer}.weight"], row.get(f"{layer}.bias")
    module = nn.Conv2d(*weight.shape[1::-1], weight.shape[2:], stride, padding, bias=bias is not None)
    return call(module, {"weight": weight} | ({} if bias is None else {"bias": bias}), images)


def cnn_features(activation: nn.Module, padding: int) -> Reference:
    def forward(row: Row, inputs: Tensor) -> Tensor:
        images = inputs
        for layer in ("conv1", "conv2"):
            images = nn.MaxPool2d(2)(activation(conv(row, layer, images, padding=padding)))
        return activation(dense(row, "dense1", images.permute(0, 2, 3, 1).flatten(1)))

    return forward


def cnn(activation: nn.Module, padding: int = 0) -> Reference:
    return lambda row, inputs: dense(row, "output", cnn_features(activation, padding)(row, inputs))


def detector(row: Row, inputs: Tensor) -> Tensor:
    features = cnn_features(nn.ReLU(), padding=1)(row, inputs)
    boxes = dense(row, "box_output", features).sigmoid()
    return torch.cat([dense(row, "class_output", features), boxes], dim=1)


def resnet(groups: int | None) -> Reference:
    def normed(row: Row, layer: str, images: Tensor) -> Tensor:
        if groups is None:
            return images
        tensors = {"weight": row[f"{layer}.norm.scale"], "bias": row[f"{layer}.norm.shift"]}
        return call(nn.GroupNorm(groups, images.shape[1]), tensors, images)

    def forward(row: Row, inputs: Tensor) -> Tensor:
        images = normed(row, "stem", conv(row, "stem", inputs, padding=1)).relu()
        for block, stride in (
            ("stage1.block1", 1),
            ("stage1.block2", 1),
            ("stage2.block1", 2),
            ("stage2.block2", 1),
        ):
            first, second = f"{block}.conv1", f"{block}.conv2"
            inner = normed(row, first, conv(row, first, images, stride, 1)).relu()
            inner = normed(row, second, conv(row, second, inner, padding=1))
            shortcut = images[:, :, ::stride, ::stride]
            missing = inner.shape[1] - shortcut.shape[1]
            shortcut = torch.cat(
                [shortcut, shortcut.new_zeros(len(shortcut), missing, *shortcut.shape[2:])], 1
            )
            images = (inner + shortcut).relu()
        return dense(row, "output", images.mean(dim=(2, 3)))

    return forward


def as_rows(inputs: Tensor, num_tokens: int | None) -> Tensor:
    """Sequences (B, T, D): one-hot tokens, or an image's rows over all channels."""
    if num_tokens is not None:
        return F.one_hot(inputs, num_tokens).double()
    return inputs.permute(0, 2, 1, 3).flatten(2) if inputs.ndim == 4 else inputs


def recurrent(kind: str, every_step: bool = False, num_tokens: int | None = None) -> Reference:
    def forward(row: Row, inputs: Tensor) -> Tensor:
        states = as_rows(inputs, num_tokens)
        for layer in (f"{kind}1", f"{kind}2"):
            states = run_cell(kind, row, layer, states)
        return dense(row, "output", states if every_step else states[:, -1])

    return forward


def run_cell(kind: str, row: Row, layer: str, states: Tensor) -> Tensor:
    weight, recurrent_weight, bias = (row[f"{layer}.{name}"] for name in ("weight", "recurrent", "bias"))
    size = recurrent_weight.shape[1]
    other_bias = torch.zeros_like(bias)
    cell = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](states.shape[2], size, batch_first=True)
    if kind == "lstm":  # torch has input, forget, candidate, output
        order = torch.arange(4 * size).view(4, size)[[0, 1, 3, 2]].flatten()
        weight, recurrent_weight, bias = weight[order], recurrent_weight[order], bias[order]
        other_bias[size : 2 * size] = 1.0
    if kind == "gru":
        other_bias = torch.cat([other_bias[: 2 * size], row[f"{layer}.candidate_bias"]])
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    tensors = dict(zip(names, (weight, recurrent_weight, bias, other_bias), strict=True))
    return call(cell, tensors, states)[0]


def linear_recurrence(row: Row, inputs: Tensor) -> Tensor:
    state = inputs.new_zeros(len(inputs), row["rnn1.recurrent"].shape[1])
    for step in inputs.unbind(1):
        state = dense(row, "rnn1", step) + state @ row["rnn1.recurrent"].T
    return dense(row, "output", state)


def transformer(norm_first: bool, every_step: bool, num_tokens: int | None) -> Reference:
    def forward(row: Row, inputs: Tensor) -> Tensor:
        stream = embed(row, inputs, num_tokens)
        for block in ("block1", "block2"):
            layer = nn.TransformerEncoderLayer(
                stream.shape[2], 2, 4 * stream.shape[2], 0.0, F.gelu, batch_first=True, norm_first=norm_first
            )
            mask = nn.Transformer.generate_square_subsequent_mask(stream.shape[1], dtype=torch.float64)
            stream = call(layer, encoder_tensors(row, block), stream, mask)
        if norm_first:
            stream = layer_norm(row, "output.norm", stream)
        return dense(row, "output", stream if every_step else stream[:, -1])

    return forward


def embed(row: Row, inputs: Tensor, num_tokens: int | None) -> Tensor:
    if num_tokens is None:
        return dense(row, "embedding", as_rows(inputs, None)) + row["embedding.places"]
    return as_rows(inputs, num_tokens) @ row["embedding.tokens"] + row["embedding.places"]


def encoder_tensors(row: Row, block: str) -> dict[str, Tensor]:
    """Our names on the left of torch's."""
    names = {
        "attention.qkv.weight": "self_attn.in_proj_weight",
        "attention.qkv.bias": "self_attn.in_proj_bias",
        "attention.mix.weight": "self_attn.out_proj.weight",
        "attention.mix.bias": "self_attn.out_proj.bias",
        "attention.norm.scale": "norm1.weight",
        "attention.norm.shift": "norm1.bias",
        "mlp.norm.scale": "norm2.weight",
        "mlp.norm.shift": "norm2.bias",
        "mlp.in.weight": "linear1.weight",
        "mlp.in.bias": "linear1.bias",
        "mlp.out.weight": "linear2.weight",
        "mlp.out.bias": "linear2.bias",
    }
    return {theirs: row[f"{block}.{ours}"] for ours, theirs in names.items()}


def qk_norm_transformer(row: Row, inputs: Tensor) -> Tensor:
    """Without norms on the stream, with them on queries and keys."""
    stream = embed(row, inputs, 5)
    for block in ("block1", "block2"):
        B, T, width = stream.shape
        qkv = dense(row, f"{block}.attention.qkv", stream).view(B, T, 3, 2, width // 2)
        queries, keys, values = qkv.permute(2, 0, 3, 1, 4)
        queries = layer_norm(row, f"{block}.attention.query_norm", queries)
        keys = layer_norm(row, f"{block}.attention.key_norm", keys)
        with sdpa_kernel(SDPBackend.MATH):
            mixed = F.scaled_dot_product_attention(queries, keys, values, is_causal=True)
        stream = stream + dense(row, f"{block}.attention.mix", mixed.transpose(1, 2).flatten(2))
        stream = stream + dense(row, f"{block}.mlp.out", F.gelu(dense(row, f"{block}.mlp.in", stream)))
    return dense(row, "output", stream)

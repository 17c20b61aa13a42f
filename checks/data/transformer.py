"""What a BERT holds of each token, layer by layer: the forward pass of a post-norm transformer, in torch alone.

Source: Devlin et al., *BERT* (arXiv:1810.04805); Vaswani et al., *Attention Is All You Need* (arXiv:1706.03762).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention


@dataclass(frozen=True, eq=False)
class Bert:
    """The weights of a BERT, by the names that its checkpoints give them, with what their shapes do not say."""

    weights: Mapping[str, Tensor]
    heads: int
    eps: float  # of the layer norms

    @torch.inference_mode()
    def states(self, tokens: Int64[Tensor, "m t"], layer: int, *, normed: bool = True) -> Float[Tensor, "m t d"]:
        """The residual stream after a layer, of m windows of t tokens each, none of them padding.

        layer: 0 is the embedding. normed: after the layer's last norm, as the next layer reads it; if not, the sum that
        goes into that norm.
        """
        x = self._embedded(tokens)
        for number in range(layer):
            if number:
                x = self._norm(f"encoder.layer.{number - 1}.output", x)
            x = self._block(f"encoder.layer.{number}", x if number else self._norm("embeddings", x))
        return self._norm(_last_norm(layer), x) if normed else x

    def _embedded(self, tokens: Int64[Tensor, "m t"]) -> Float[Tensor, "m t d"]:
        word, position, kind = (self.weights[f"embeddings.{name}_embeddings.weight"] for name in EMBEDDINGS)
        return word[tokens] + position[: tokens.shape[1]] + kind[0]

    def _block(self, layer: str, x: Float[Tensor, "m t d"]) -> Float[Tensor, "m t d"]:
        q, k, v = (self._heads(self._linear(f"{layer}.attention.self.{name}", x)) for name in ("query", "key", "value"))
        mixed = scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        x = self._norm(f"{layer}.attention.output", x + self._linear(f"{layer}.attention.output.dense", mixed))
        inner = gelu(self._linear(f"{layer}.intermediate.dense", x))
        return x + self._linear(f"{layer}.output.dense", inner)

    def _heads(self, x: Float[Tensor, "m t d"]) -> Float[Tensor, "m heads t e"]:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)

    def _linear(self, name: str, x: Float[Tensor, "m t d"]) -> Float[Tensor, "m t e"]:
        return linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _norm(self, name: str, x: Float[Tensor, "m t d"]) -> Float[Tensor, "m t d"]:
        name = f"{name}.LayerNorm"
        return layer_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], self.eps)


EMBEDDINGS = ("word", "position", "token_type")


def _last_norm(layer: int) -> str:
    return f"encoder.layer.{layer - 1}.output" if layer else "embeddings"

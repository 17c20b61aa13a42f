"""The forward pass is that of torch's own encoder layers."""

import numpy as np
import pytest
import torch

from checks.data.transformer import Bert
from checks.data.units import null_directions

D, HEADS, INNER, LAYERS, WORDS, POSITIONS = 12, 3, 20, 3, 30, 9
PARTS = {
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm1": "attention.output.LayerNorm",
    "norm2": "output.LayerNorm",
    "self_attn.out_proj": "attention.output.dense",
}


@pytest.fixture(scope="module")
def tiny():
    """A random BERT in float64, and torch's layers with the same weights."""
    generator = torch.Generator().manual_seed(0)

    def random(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    weights = {
        "embeddings.word_embeddings.weight": random(WORDS, D),
        "embeddings.position_embeddings.weight": random(POSITIONS, D),
        "embeddings.token_type_embeddings.weight": random(2, D),
        "embeddings.LayerNorm.weight": random(D),
        "embeddings.LayerNorm.bias": random(D),
    }
    layers = []
    for number in range(LAYERS):
        layer = torch.nn.TransformerEncoderLayer(
            D, HEADS, INNER, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True, dtype=torch.float64
        ).eval()
        # Of a size that keeps tokens apart: large random weights make all of them alike.
        state = {name: random(*tensor.shape) / D**0.5 for name, tensor in layer.state_dict().items()}
        layer.load_state_dict(state)
        layers.append(layer)
        for kind in ("weight", "bias"):
            for theirs, ours in PARTS.items():
                weights[f"encoder.layer.{number}.{ours}.{kind}"] = state[f"{theirs}.{kind}"]
            each = state[f"self_attn.in_proj_{kind}"].chunk(3)
            for name, part in zip(("query", "key", "value"), each):
                weights[f"encoder.layer.{number}.attention.self.{name}.{kind}"] = part
    return Bert(weights, HEADS, 1e-12), layers


TOKENS = torch.arange(16).reshape(2, 8) % WORDS


def reference(bert, layers):
    tables = ("word", "position", "token_type")
    word, position, kind = (bert.weights[f"embeddings.{name}_embeddings.weight"] for name in tables)
    sums = word[TOKENS] + position[: TOKENS.shape[1]] + kind[0]
    norm = [bert.weights[f"embeddings.LayerNorm.{name}"] for name in ("weight", "bias")]
    states = [torch.nn.functional.layer_norm(sums, (D,), *norm, 1e-12)]
    for layer in layers:
        states.append(layer(states[-1]).detach())
    return states


def test_every_layer_is_torchs(tiny):
    bert, layers = tiny
    for number, expected in enumerate(reference(bert, layers)):
        np.testing.assert_allclose(bert.states(TOKENS, number), expected, rtol=1e-9, atol=1e-9)


def test_the_norm_of_the_sum_is_the_state(tiny):
    bert, layers = tiny
    for number in range(LAYERS + 1):
        last = f"encoder.layer.{number - 1}.output" if number else "embeddings"
        norm = [bert.weights[f"{last}.LayerNorm.{name}"] for name in ("weight", "bias")]
        sums = bert.states(TOKENS, number, normed=False)
        expected = reference(bert, layers)[number]
        np.testing.assert_allclose(
            torch.nn.functional.layer_norm(sums, (D,), *norm, 1e-12), expected, rtol=1e-9, atol=1e-9
        )


def test_states_do_not_vary_along_the_inverse_gain(tiny):
    bert, _ = tiny
    states = bert.states(TOKENS, LAYERS).reshape(-1, D)
    along = states @ (1.0 / bert.weights[f"encoder.layer.{LAYERS - 1}.output.LayerNorm.weight"])
    np.testing.assert_allclose(along, along[0].expand(len(along)), rtol=1e-9)
    sums = bert.states(TOKENS, LAYERS, normed=False).reshape(-1, D)
    assert null_directions(np.cov(sums.T)).shape == (D, 0)
    assert null_directions(np.cov(states.T)).shape == (D, 1)

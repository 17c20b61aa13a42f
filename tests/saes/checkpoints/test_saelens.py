"""SAEs that SAELens itself has trained and saved (`write_saelens.py`)."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from checks.cli import app
from checks.errors import BadInput
from checks.saes import checkpoints

HERE = Path(__file__).parent / "saelens"
OURS = {
    "standard": "norm-weighted",
    "standard-untied": "norm-weighted",
    "topk": "top-k",
    "jumprelu": "jumprelu",
    "gated": "gated",
    "batchtopk": "jumprelu",
}


@pytest.mark.parametrize("name", OURS)
def test_it_reconstructs_what_it_does_there(name):
    found, seen = checkpoints.read(HERE / name), load_file(HERE / name / "seen.safetensors")
    assert found.sae.architecture.name == OURS[name]
    Z = found.sae.encode(seen["x"])
    assert 0 < (Z > 0).mean() < 1
    np.testing.assert_allclose(Z @ found.sae.D.T + found.sae.b, seen["reconstruction"], atol=1e-5)


@pytest.mark.parametrize("saved", ["", "-training"])
def test_half_of_its_coefficient_is_the_price(saved):
    assert checkpoints.read(HERE / f"standard{saved}").lam == pytest.approx(0.15)
    assert checkpoints.read(HERE / f"topk{saved}").lam is None
    assert checkpoints.read(HERE / f"gated{saved}").lam is None


def test_it_is_audited(tmp_path):
    np.save(tmp_path / "x.npy", load_file(HERE / "standard" / "seen.safetensors")["x"])
    result = CliRunner().invoke(app, ["audit", str(HERE / "standard"), str(tmp_path / "x.npy")])
    assert result.exit_code in (0, 1), result.output
    assert "0.15" in result.output


def test_whether_the_encoder_sees_the_bias():
    assert checkpoints.read(HERE / "standard").sae.architecture.tied
    assert not checkpoints.read(HERE / "standard-untied").sae.architecture.tied


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"architecture": "temporal"}, "architecture 'temporal'"),
        ({"metadata": {"sae_lens_version": "5.11.0"}}, "sae_lens_version is 5.11.0"),
        ({"metadata": {}}, "sae_lens_version is none"),
        ({"normalize_activations": "layer_norm"}, "normalize_activations is 'layer_norm'"),
        ({"lp_norm": 0.5}, "lp_norm is 0.5"),
        ({"architecture": ["standard"]}, r"architecture \['standard'\]"),
        ({"l1_coefficient": "a little"}, "l1_coefficient is 'a little'"),
        ({"l1_coefficient": float("nan")}, "l1_coefficient is nan"),
        ({"l1_coefficient": -1}, "l1_coefficient is -1"),
        ({"d_in": 768}, "d_in is 768, but its W_dec has shape"),
        ({"d_sae": 3}, "d_sae is 3, but its W_dec has shape"),
    ],
)
def test_what_would_be_taken_for_another_is_refused(changes, message, tmp_path):
    folder = shutil.copytree(HERE / "standard", tmp_path / "sae")
    said = json.loads((folder / "cfg.json").read_text()) | changes
    (folder / "cfg.json").write_text(json.dumps(said))
    with pytest.raises(BadInput, match=message):
        checkpoints.read(folder)


@pytest.mark.parametrize("text", ["{", "[]", "1"])
def test_a_damaged_configuration_is_named(text, tmp_path):
    folder = shutil.copytree(HERE / "standard", tmp_path / "sae")
    (folder / "cfg.json").write_text(text)
    with pytest.raises(BadInput, match=r"cfg\.json"):
        checkpoints.read(folder)


def test_missing_weights_are_named(tmp_path):
    folder = shutil.copytree(HERE / "standard", tmp_path / "sae")
    (folder / "sae_weights.safetensors").unlink()
    with pytest.raises(BadInput, match=r"sae_weights\.safetensors: no such file"):
        checkpoints.read(folder)
    with pytest.raises(BadInput, match=r"is a folder without cfg\.json"):
        checkpoints.read(tmp_path)


def test_weights_of_another_shape_are_named_before_they_are_folded(tmp_path):
    folder = shutil.copytree(HERE / "topk", tmp_path / "sae")
    said = json.loads((folder / "cfg.json").read_text()) | {"rescale_acts_by_decoder_norm": True}
    (folder / "cfg.json").write_text(json.dumps(said))
    weights = load_file(folder / "sae_weights.safetensors")
    for name, wrong in (("W_dec", weights["W_dec"][0]), ("W_enc", weights["W_enc"].T.copy())):
        save_file(weights | {name: wrong}, folder / "sae_weights.safetensors")
        with pytest.raises(BadInput, match=f"{name} has shape"):
            checkpoints.read(folder)

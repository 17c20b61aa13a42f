"""Samples on disk are the samples in memory, and train alike."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.saes.source import FULL, InMemory, blocks, default_batch, on_disk, opened
from checks.saes.train import train

X = planted(90, 4, 6, seed=3, noise=0.05, offset=1.0).x.astype(np.float32)


@pytest.fixture
def folder(tmp_path):
    np.save(tmp_path / "a.npy", X[:30])
    save_file({"x": torch.from_numpy(X[30:50].copy()), "y": torch.zeros(2)}, tmp_path / "b.safetensors")
    np.save(tmp_path / "c.npy", X[50:].astype(np.float64))
    return tmp_path


def test_rows_come_in_the_order_asked_for(folder):
    source = on_disk(folder)
    assert (source.n, source.d, source.held) == (90, 4, 0)
    chosen = np.random.default_rng(0).integers(0, 90, 40)
    np.testing.assert_array_equal(source.rows(chosen).numpy(), X[chosen])


def test_bfloat16_is_read(tmp_path):
    save_file({"acts": torch.from_numpy(X).to(torch.bfloat16)}, tmp_path / "x.safetensors")
    expected = torch.from_numpy(X).to(torch.bfloat16).float()
    assert torch.equal(on_disk(tmp_path / "x.safetensors").rows(np.arange(90)), expected)


@pytest.mark.parametrize("batch", [None, 16])
def test_training_from_disk_is_training_from_memory(folder, batch):
    options = {"steps": 20, "batch": batch}
    one, other = (train(source, 5, 0.2, **options)[0] for source in (on_disk(folder), InMemory(X.astype(float))))
    for name, tensor in one.tensors.items():
        np.testing.assert_array_equal(tensor, other.tensors[name])


def test_blocks_are_all_samples():
    np.testing.assert_array_equal(np.concatenate(list(blocks(InMemory(X), 40))), np.arange(90))


def test_many_samples_are_left_on_disk(tmp_path):
    np.save(tmp_path / "few.npy", X)
    np.save(tmp_path / "many.npy", np.zeros((FULL + 1, 2), np.float32))
    assert isinstance(opened(tmp_path / "few.npy"), InMemory)
    assert not isinstance(opened(tmp_path / "many.npy"), InMemory)
    assert default_batch(FULL) is None
    assert default_batch(FULL + 1) < FULL


def test_bad_shards_are_named(tmp_path):
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", X[:, :2])
    with pytest.raises(BadInput, match=r"b\.npy: samples have 2 dimensions"):
        on_disk(tmp_path)
    np.save(tmp_path / "b.npy", np.where(np.arange(90)[:, None] == 7, np.nan, X))
    with pytest.raises(BadInput, match=r"b\.npy: row 7 is not finite"):
        train(on_disk(tmp_path), 3, 0.2, steps=1)
    np.save(tmp_path / "b.npy", np.arange(4))
    with pytest.raises(BadInput, match="expected samples as rows"):
        on_disk(tmp_path)
    (tmp_path / "b.npy").write_bytes(b"?")
    with pytest.raises(BadInput, match="cannot be read"):
        on_disk(tmp_path)
    with pytest.raises(BadInput, match="no such file"):
        on_disk(tmp_path / "none")
    (tmp_path / "b.npy").unlink()
    np.savez(tmp_path / "b.npz", X)
    with pytest.raises(BadInput, match=r"b\.npz: rows are chosen at random from \.npy and \.safetensors files only"):
        on_disk(tmp_path)
    with pytest.raises(BadInput, match="per sample"):
        train(InMemory(X.astype(float)), 3, np.ones(90), steps=1)

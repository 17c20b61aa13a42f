import importlib.util

import numpy as np
import pytest

from checks.data.files import load, mapped, shards, stream
from checks.errors import BadInput, MissingExtra

X = np.arange(6.0).reshape(3, 2)


def save_safetensors(path, **tensors):
    from safetensors.torch import save_file

    save_file(tensors, path)


def test_npy(tmp_path):
    np.save(tmp_path / "a.npy", X.astype(np.float16))
    assert load(tmp_path / "a.npy").dtype == np.float64
    np.testing.assert_array_equal(load(str(tmp_path / "a.npy")), X)


@pytest.mark.parametrize("arrays", [{"anything": X}, {"x": X, "labels": np.ones(3)}])
def test_npz(tmp_path, arrays):
    np.savez(tmp_path / "a.npz", **arrays)
    np.testing.assert_array_equal(load(tmp_path / "a.npz"), X)


def test_safetensors_in_bfloat16(tmp_path):
    import torch

    save_safetensors(tmp_path / "a.safetensors", acts=torch.tensor(X, dtype=torch.bfloat16))
    np.testing.assert_array_equal(load(tmp_path / "a.safetensors"), X)


@pytest.mark.parametrize("type", ["float16", "float32", "float64", "bfloat16"])
def test_safetensors_are_left_where_they_lie_if_numpy_has_their_type(tmp_path, type):
    import torch

    file = tmp_path / "a.safetensors"
    save_safetensors(file, x=torch.tensor(X, dtype=getattr(torch, type)), labels=torch.ones(3, dtype=torch.int8))
    found = mapped(file)
    np.testing.assert_array_equal(found, X)
    assert isinstance(found, np.memmap) == (type != "bfloat16")
    assert found.dtype == (type if type != "bfloat16" else np.float64)


def test_what_holds_no_samples_is_refused_as_it_is_when_read(tmp_path):
    import torch

    file = tmp_path / "a.safetensors"
    for tensor in (torch.zeros(0, 2), torch.zeros(3), torch.tensor(1.0)):
        save_safetensors(file, x=tensor)
        with pytest.raises(BadInput) as read:
            load(file)
        with pytest.raises(BadInput) as unread:
            mapped(file)
        assert str(unread.value) == str(read.value)


def test_a_folder_is_stacked_in_order_of_name(tmp_path):
    np.save(tmp_path / "2.npy", X[2:])
    np.savez(tmp_path / "1.npz", x=X[:2])
    (tmp_path / "notes.txt").write_text("ignored")
    np.testing.assert_array_equal(load(tmp_path), X)
    assert [len(x) for x in shards(tmp_path)] == [2, 1]


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    if importlib.util.find_spec("pyarrow") is None:
        path.write_bytes(b"PAR1")
        with pytest.raises(MissingExtra, match="sae-laws\\[data\\]"):
            load(path)
        return
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"first": X[:, 0], "second": X[:, 1]}), path)
    np.testing.assert_array_equal(load(path), X)
    parquet.write_table(pa.table({"acts": list(X)}), path)
    np.testing.assert_array_equal(load(path), X)
    parquet.write_table(pa.table({"word": ["a", "b"]}), path)
    with pytest.raises(BadInput, match="real numbers"):
        load(path)


def test_missing(tmp_path):
    with pytest.raises(BadInput, match="no such"):
        load(tmp_path / "a.npy")


def test_empty_folder(tmp_path):
    with pytest.raises(BadInput, match="holds no"):
        load(tmp_path)


def test_unknown_suffix(tmp_path):
    (tmp_path / "a.csv").write_text("1,2")
    with pytest.raises(BadInput, match="unknown"):
        load(tmp_path / "a.csv")


@pytest.mark.parametrize("suffix", [".npy", ".npz", ".safetensors"])
def test_damaged(tmp_path, suffix):
    (tmp_path / f"a{suffix}").write_bytes(b"nonsense")
    with pytest.raises(BadInput, match="cannot be read") as error:
        load(tmp_path / f"a{suffix}")
    assert "\n" not in str(error.value)


def test_pickles_are_not_opened(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{"a": 1}, 2], dtype=object), allow_pickle=True)
    with pytest.raises(BadInput, match="cannot be read"):
        load(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((0, 3)), "empty"),
        (np.zeros(3), "2-d"),
        (np.array([[1.0], [np.nan]]), "row 1"),
        (np.array([[1j]]), "real numbers"),
        (np.array([["1"]]), "real numbers"),
    ],
)
def test_unusable_contents(tmp_path, array, message):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(BadInput, match=message):
        load(tmp_path / "a.npy")


def test_several_arrays_without_x(tmp_path):
    np.savez(tmp_path / "a.npz", one=X, two=X)
    with pytest.raises(BadInput, match="none is called x"):
        load(tmp_path / "a.npz")


def test_shards_of_different_dimension(tmp_path):
    np.save(tmp_path / "1.npy", X)
    np.save(tmp_path / "2.npy", X.T)
    with pytest.raises(BadInput, match=r"2\.npy: samples have 3"):
        load(tmp_path)


TENSORS = ["float64", "float32", "float16", "bfloat16", "float8_e4m3fn", "int64", "int8", "uint8", "bool"]


@pytest.mark.parametrize("dtype", TENSORS)
def test_a_stream_reads_what_load_reads(tmp_path, dtype):
    import torch

    rows = torch.arange(40).reshape(20, 2).remainder(7).to(getattr(torch, dtype))
    save_safetensors(tmp_path / "1.safetensors", x=rows[:12].clone(), labels=torch.ones(3))
    save_safetensors(tmp_path / "2.safetensors", x=rows[12:].clone())
    np.save(tmp_path / "3.npy", rows.double().numpy().astype(np.float16))
    whole, samples = load(tmp_path), stream(tmp_path)
    assert (samples.n, samples.d) == whole.shape
    np.testing.assert_array_equal(np.concatenate(list(samples.blocks(9))), whole)
    np.testing.assert_array_equal(np.concatenate(list(samples.blocks(9, start=15))), whole[15:])
    chosen = np.array([7, 0, 7, 3])
    first = samples.parts[0]
    assert first.chosen
    np.testing.assert_array_equal(first.open()(chosen), whole[chosen])


@pytest.mark.parametrize("cut", [3, 20, 90, -1])
def test_a_cut_file_is_refused_before_it_is_read(tmp_path, cut):
    import torch

    file = tmp_path / "a.safetensors"
    save_safetensors(file, x=torch.ones(30, 2))
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(BadInput, match="cannot be read"):
        stream(file)


def test_a_stream_refuses_what_load_refuses(tmp_path):
    import torch

    for tensor, message in ((torch.ones(3), "2-d"), (torch.ones(0, 3), "empty"), (torch.tensor(1.0), "2-d")):
        save_safetensors(tmp_path / "a.safetensors", x=tensor)
        with pytest.raises(BadInput, match=message):
            stream(tmp_path)


def test_what_is_hidden_in_a_folder_is_no_shard(tmp_path):
    np.save(tmp_path / "a.npy", X)
    (tmp_path / "._a.npy").write_bytes(b"of a Mac")
    np.save(tmp_path / ".b.part.npy", X)
    np.testing.assert_array_equal(load(tmp_path), X)


def test_no_one_is_told_to_open_a_pickle(tmp_path):
    (tmp_path / "x.npy").write_bytes(b"junk")
    for read in (load, stream):
        with pytest.raises(BadInput, match=r"x\.npy.*never opened") as refused:
            read(tmp_path / "x.npy")
        assert "allow_pickle" not in str(refused.value)


@pytest.mark.parametrize("last", [[1.0], None])
def test_a_row_of_another_length_is_refused_where_it_is_reached(tmp_path, last):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"x": [[1.0, 2.0]] * 10 + [last]}), tmp_path / "x.parquet")
    with pytest.raises(BadInput, match=r"x\.parquet.*not of one length"):
        list(stream(tmp_path / "x.parquet").blocks(4))
    with pytest.raises(BadInput, match=r"x\.parquet.*not of one length"):
        load(tmp_path / "x.parquet")


def test_an_empty_table_is_named(tmp_path):
    pyarrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.table({"x": [[1.0, 2.0]]}).slice(0, 0), tmp_path / "x.parquet")
    with pytest.raises(BadInput, match=r"x\.parquet: empty table"):
        stream(tmp_path / "x.parquet")

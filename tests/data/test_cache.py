"""What is made once is read the next time, and nothing that was changed since is read as if it had not been."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from checks.data import cache
from checks.data.cache import Recipe, kept, verified
from checks.data.files import load, stream
from checks.errors import BadInput

ROOT = Path(__file__).parents[2]


def shard(number):
    """Ten rows of four numbers, the last of which is the sum of the others."""
    x = np.random.default_rng([7, number]).normal(2.0, [1.0, 2.0, 3.0], (10, 3))
    return np.column_stack([x, x.sum(axis=1)])


RAW = np.concatenate([shard(number) for number in range(3)])


@pytest.fixture
def recipe():
    """With the numbers of the shards that were made."""
    made = []

    def counted(number):
        made.append(number)
        return shard(number)

    return Recipe("toy", {"seed": 7}, 30, 4, 3, counted, white=False), made


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SAELAWS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_it_is_made_once(recipe, home):
    recipe, made = recipe
    first = kept(recipe)
    assert first.folder.parent == home
    assert [each.name for each in home.iterdir()] == [first.folder.name]  # nothing else is left behind
    assert kept(recipe).folder == first.folder
    assert made == [0, 1, 2]


def test_what_is_kept_are_the_samples_in_units_of_their_own(recipe):
    recipe, _ = recipe
    found = kept(recipe)
    x = load(found.folder)
    assert (found.n, found.d) == x.shape == (30, 4)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-6)
    assert (x**2).sum(axis=1).mean() == pytest.approx(4, rel=1e-6)
    np.testing.assert_allclose(found.units.undone(x), RAW, rtol=1e-5, atol=1e-5)
    assert found.norms["mean"] == pytest.approx(np.linalg.norm(RAW, axis=1).mean(), rel=1e-6)
    (direction,) = found.null_directions.T
    np.testing.assert_allclose(np.abs(direction), 0.5)
    np.testing.assert_allclose(x @ direction, 0, atol=1e-6)
    assert [part.n for part in stream(found.folder).parts] == [10, 10, 10]
    assert load_file(found.folder / "00000.safetensors")["x"].dtype == np.float32


def test_whitening_drops_the_null_direction(recipe):
    recipe, _ = recipe
    found = kept(replace(recipe, white=True))
    x = load(found.folder)
    np.testing.assert_allclose(x.T @ x / 30, np.eye(3), atol=1e-5)
    np.testing.assert_allclose(found.units.undone(x), RAW, rtol=1e-4, atol=1e-4)
    assert found.null_directions.shape == (3, 0)


def test_other_facts_are_kept_elsewhere(recipe, tmp_path):
    recipe, made = recipe
    other = replace(recipe, facts={"seed": 8})
    assert kept(recipe).folder != kept(other).folder
    assert len(made) == 6
    kept(recipe, tmp_path / "mine")
    with pytest.raises(BadInput, match="other samples"):
        kept(other, tmp_path / "mine")


def test_an_interrupted_run_goes_on_at_the_next_shard(recipe):
    recipe, made = recipe

    def interrupted(number):
        if number == 2:
            raise KeyboardInterrupt
        return recipe.shard(number)

    with pytest.raises(KeyboardInterrupt):
        kept(replace(recipe, shard=interrupted))
    assert made == [0, 1]
    resumed = kept(recipe)
    assert made == [0, 1, 2]
    again = kept(recipe, resumed.folder.with_name("again"))
    for file in resumed.folder.iterdir():
        assert file.read_bytes() == (again.folder / file.name).read_bytes()


@pytest.mark.parametrize("name", ["00000.safetensors", "progress.json"])
def test_what_an_interrupted_run_left_is_not_trusted(recipe, home, name):
    recipe, made = recipe

    def interrupted(number):
        if number == 1:
            raise KeyboardInterrupt
        return recipe.shard(number)

    with pytest.raises(KeyboardInterrupt):
        kept(replace(recipe, shard=interrupted))
    (part,) = home.iterdir()
    (part / name).write_bytes(b"{}")
    x = load(kept(recipe).folder)
    assert made == [0, 0, 1, 2]
    np.testing.assert_allclose(x, load(kept(recipe, home / "again").folder))


def _flip(file):
    contents = bytearray(file.read_bytes())
    contents[-1] ^= 1
    file.write_bytes(contents)


def _replace(old, new):
    def change(folder):
        manifest = folder / cache.MANIFEST
        manifest.write_text(manifest.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (
            lambda folder: _flip(folder / "00001.safetensors"),
            r"00001\.safetensors: does not match its checksum: delete",
        ),
        (lambda folder: (folder / "00001.safetensors").unlink(), r"00001\.safetensors: is missing"),
        (lambda folder: (folder / "00009.safetensors").write_bytes(b""), r"00009\.safetensors: is not in the manifest"),
        (lambda folder: (folder / "manifest.json").unlink(), r"has no manifest\.json"),
        (lambda folder: (folder / "manifest.json").write_text("?"), r"manifest\.json: cannot be read as a manifest"),
        (lambda folder: (folder / "manifest.json").write_text("[]"), r"manifest\.json: cannot be read as a manifest"),
        (_replace('"seed": 7', '"seed": 8'), r"manifest\.json: does not match its checksum"),
        (_replace('"schema": 1', '"schema": 2'), r"schema 2, this version reads 1"),
    ],
)
def test_what_was_changed_is_told_in_one_line(recipe, damage, told):
    recipe, made = recipe
    folder = kept(recipe).folder
    damage(folder)
    for read in (lambda: kept(recipe), lambda: verified(folder)):
        with pytest.raises(BadInput, match=told) as error:
            read()
        assert "\n" not in str(error.value)
    assert made == [0, 1, 2]


def test_nothing_of_the_users_is_replaced(recipe, tmp_path):
    recipe, made = recipe
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x.npy").write_bytes(b"precious")
    with pytest.raises(BadInput, match=r"mine: has no manifest"):
        kept(recipe, tmp_path / "mine")
    with pytest.raises(BadInput, match="is a file"):
        kept(recipe, tmp_path / "mine" / "x.npy")
    assert made == []


def test_an_empty_folder_is_filled(recipe, tmp_path):
    (tmp_path / "mine").mkdir()
    assert kept(recipe[0], tmp_path / "mine").n == 30


def test_no_room(recipe, home, monkeypatch):
    monkeypatch.setattr(cache.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 10}))
    with pytest.raises(BadInput, match="toy needs"):
        kept(recipe[0])
    assert list(home.iterdir()) == []


def test_a_place_that_cannot_be_written(recipe, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput, match=r"toy: cannot be made \(.*Not a directory"):
        kept(recipe[0], tmp_path / "file" / "toy")


def test_samples_without_variance_are_refused(recipe):
    for bad in (1.0, np.nan):
        with pytest.raises(BadInput, match="no variance"):
            kept(replace(recipe[0], facts={"bad": str(bad)}, shard=lambda number, bad=bad: np.full((10, 4), bad)))


def test_progress_rises_to_the_end(recipe):
    shares = []
    kept(recipe[0], progress=lambda what, share: shares.append(share))
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.9 < shares[-1] < 1


CONCURRENT = """
import sys, time, numpy as np
from pathlib import Path
from checks.data.cache import Recipe, kept
def shard(number):
    with open(sys.argv[1], "a") as log: log.write(f"{number}\\n")
    time.sleep(0.05)
    return np.random.default_rng(number).normal(size=(5, 2))
kept(Recipe("toy", {}, 15, 2, 3, shard, False))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes wait for one another where there are POSIX locks")
def test_of_two_processes_one_makes_them(tmp_path, home):
    log = tmp_path / "log"
    command = [sys.executable, "-c", CONCURRENT, str(log)]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    for each in running:
        _, stderr = each.communicate(timeout=60)
        assert each.returncode == 0, stderr
    assert log.read_text().split() == ["0", "1", "2"]
    assert len(list(home.iterdir())) == 1


def test_the_manifest_says_what_it_vouches_for(recipe):
    manifest = json.loads((kept(recipe[0]).folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["made_of"] == {"name": "toy", "seed": 7, "white": False}
    assert {"numpy", "torch"} <= manifest["made_with"].keys()
    assert [each["rows"] for each in manifest["shards"]] == [10, 10, 10]

"""The command `data`, and that every other command takes what it made."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from checks.cli import app
from checks.data import images
from checks.data.cache import verified
from checks.data.files import load
from checks.data.real import REAL


def saelaws(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("SAELAWS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_without_a_name_all_are_listed():
    done = saelaws("data")
    assert done.exit_code == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} >= REAL.keys()


def test_the_folder_is_all_of_its_output(home):
    done = saelaws("data", "Digits")
    assert done.exit_code == 0
    (folder,) = home.iterdir()
    assert done.stdout == f"{folder}\n"
    assert done.stderr == (
        "saelaws: 1797×64 digits, in units where the mean is 0 and E‖x‖² = d (norms 61.82 ± 4.7 before), "
        "3 null directions\n"
    )


def test_patches(tmp_path):
    done = saelaws("data", "patches-12", "--n", 9000, "--seed", 3, "--out", tmp_path / "mine")
    assert done.exit_code == 0
    x, found = load(tmp_path / "mine"), verified(tmp_path / "mine")
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
    assert x.shape == (9000, found.d)
    assert found.d < 143  # of 144 pixels the mean is gone, and what carries less than a hundredth of the variance
    np.testing.assert_allclose(x.T @ x / 9000, np.eye(found.d), atol=1e-4)
    # Each row is that of a patch, but for what was dropped: at most a hundredth of the variance.
    raw = np.concatenate([images.pixels_of_patches(n, 12, [3, number]) for number, n in enumerate((8192, 808))])
    lost = raw - found.units.undone(x)
    assert (lost**2).sum() <= 0.01 * ((raw - raw.mean(axis=0)) ** 2).sum()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["minilm3"], "no data 'minilm3': did you mean minilm-3"),
        (["digits", "--n", 10], "digits: there are 1797"),
        (["patches-12", "--n", 1], "greater than or equal to 2"),
    ],
)
def test_bad_input_is_one_line(arguments, told, home):
    done = saelaws("data", *arguments)
    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not home.exists()


def test_scikit_image_is_named_where_it_is_missing(monkeypatch, home):
    monkeypatch.setattr(images, "find_spec", lambda name: None)
    done = saelaws("data", "patches-8-colour-more")
    assert done.exit_code == 2
    assert done.stderr == "saelaws: these photographs come with scikit-image: pip install 'sae-laws[images]'\n"
    assert not home.exists()


def test_an_interrupt_says_how_to_go_on(monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(images, "pixels_of_patches", interrupted)
    done = saelaws("data", "patches-12", "--n", 100)
    assert done.exit_code == 130
    assert done.stderr == "saelaws: interrupted: the same command goes on from the last whole shard\n"


def test_what_it_made_can_be_trained_on_and_audited(tmp_path):
    folder = saelaws("data", "patches-8-colour", "--n", 9000).stdout.strip()
    sae, said = tmp_path / "sae.safetensors", tmp_path / "said.json"
    done = saelaws("train", folder, "--k", 8, "--lam", 1, "--steps", 20, "--out", sae)
    assert done.exit_code == 0, done.stderr
    done = saelaws("audit", sae, folder, "--json", said)
    assert done.exit_code in (0, 1), done.stderr  # 20 steps need not keep any law
    assert json.loads(said.read_text(encoding="utf-8"))["audit"]["n"] == 9000

"""`saelaws study`: the page, the figures and the JSON, and how an interrupted run goes on."""

import json

import pytest
from typer.testing import CliRunner

from checks.cli import app

NAME = "two-features"


def saelaws(*words):
    return CliRunner().invoke(app, ["study", *map(str, words)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("studies")
    done = saelaws(NAME, "--profile", "dev", "--seeds", "2", "--out", out)
    assert done.exit_code == 0, done.output
    return out


def test_it_lists_what_there_is():
    done = saelaws("--list")
    assert done.exit_code == 0
    assert NAME in done.output
    assert "T5" in done.output


def test_the_page_says_all(folder):
    page = (folder / "README.md").read_text(encoding="utf-8")
    for words in ("falsified if:", "control:", "sample:", "seeds 0, 1", "![", f"({NAME}.svg)"):
        assert words in page
    assert f"\n    saelaws study {NAME} --out {folder} --seeds 2 --profile dev\n" in page
    assert (folder / f"{NAME}.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_document_holds_every_row_and_verdict(folder):
    made = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
    assert made["schema"] == 1
    assert set(made["seeds"]) == {"0", "1"}
    assert all(cell["rows"] for cell in made["seeds"].values())
    assert {each["verdict"] for each in made["predictions"]} <= {"confirmed", "falsified", "undecided"}
    assert [each["verdict"] for each in made["controls"]] == ["falsified"]


def test_what_is_there_is_not_replaced_unasked(folder):
    before = (folder / f"{NAME}.json").read_bytes()
    done = saelaws(NAME, "--profile", "dev", "--out", folder)
    assert done.exit_code == 2
    assert (folder / f"{NAME}.json").read_bytes() == before


def test_it_goes_on_where_it_stopped(folder):
    made = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))
    first = made["seeds"]["0"]
    made["seeds"] = {"0": first}
    (folder / f"{NAME}.json").write_text(json.dumps(made), encoding="utf-8")
    assert saelaws(NAME, "--profile", "dev", "--seeds", "2", "--out", folder, "--resume").exit_code == 0
    again = json.loads((folder / f"{NAME}.json").read_text(encoding="utf-8"))["seeds"]
    assert again["0"] == first
    assert set(again) == {"0", "1"}


def test_going_on_loses_nothing(folder):
    """Neither seeds that are not asked for now, nor what another profile has measured."""
    before = (folder / f"{NAME}.json").read_bytes()
    for options, said in ((("--profile", "dev", "--seeds", 1), "has 2 seeds"), ((), "of another profile")):
        done = saelaws(NAME, *options, "--out", folder, "--resume")
        assert done.exit_code == 2, done.output
        assert said in " ".join(done.output.split())
    assert (folder / f"{NAME}.json").read_bytes() == before


def test_a_page_says_of_which_size_it_is(folder):
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert "made with dev" in page
    assert "1 study," in page


def test_another_size_is_measured_anew(folder):
    from pathlib import Path

    from checks.report.studied import known
    from checks.studies.common.study import Profile, studies

    file = Path(folder) / f"{NAME}.json"
    assert known(file, studies()[NAME], Profile.DEV, "cpu")
    assert known(file, studies()[NAME], Profile.CI, "cpu") == {}
    assert known(file, studies()[NAME], Profile.DEV, "cuda") == {}


def test_a_file_of_something_else_is_bad_input(folder, tmp_path):
    (tmp_path / f"{NAME}.json").write_text("[]", encoding="utf-8")
    done = saelaws(NAME, "--profile", "dev", "--out", tmp_path, "--resume")
    assert done.exit_code == 2
    assert "not the document of a study" in done.output


def test_an_unknown_study_is_bad_input():
    done = saelaws("nothing")
    assert done.exit_code == 2
    assert "there is no study 'nothing'" in done.output


def test_whoever_interrupts_is_told_how_to_go_on(tmp_path, monkeypatch):
    def stop(*_, keep, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("checks.studies.common.run.run", stop)
    done = saelaws(NAME, "--profile", "dev", "--out", tmp_path / "new")
    assert done.exit_code == 130
    assert "with --resume goes on from there" in " ".join(done.output.split())

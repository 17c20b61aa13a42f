"""Every study is well-formed, and runs at its smallest size."""

import json
import math
from pathlib import Path

import pytest

from checks.errors import BadInput
from checks.studies.common.real import there
from checks.studies.common.run import run
from checks.studies.common.study import Profile, chosen, studies
from checks.studies.common.verdicts import Result

NAMES = sorted(studies())


def test_studies_are_found():
    assert {"width-law", "diffuse-phase", "frozen-decoders"} <= set(NAMES)


def test_an_unknown_name_is_bad_input():
    with pytest.raises(BadInput, match="no study 'nothing', but absorption"):
        chosen(["nothing"])


@pytest.mark.parametrize("name", NAMES)
def test_a_study_says_all_beforehand(name):
    study = studies()[name]
    assert study.title.endswith(".")
    assert "Reference:" in study.text
    assert study.predictions
    assert study.controls
    for each in (*study.predictions, *study.controls):
        assert each.says.endswith(".")
        assert math.isfinite(each.above) or math.isfinite(each.below)
    assert all((study.theorem, study.falsified_if, study.control, study.sample, study.panels))


@pytest.mark.parametrize("name", NAMES)
def test_a_study_runs_at_its_smallest_size(name):
    study = studies()[name]
    rows = study.rows(0, "cpu", Profile.DEV)
    found = Result(study, {0: rows}, {0: 0.0})
    assert found.complaints == []
    assert all(name in row for row in rows for name in study.keys)
    assert all(any(name in row for row in rows) for name in study.shown)
    assert {name for panel in study.panels for name in (panel.x, *panel.y)} <= {name for row in rows for name in row}
    json.dumps(rows)


@pytest.mark.parametrize("name", ["frozen-decoders", "splitting"])
def test_a_seed_gives_the_same_rows_again(name):
    once, again = (json.dumps(studies()[name].rows(1, "cpu", Profile.DEV)) for _ in range(2))
    assert once == again


def test_what_is_known_is_not_measured_again():
    study = studies()["circular-features"]
    known = {(study.name, 0): ([{"shape": "circle"}], 1.0)}
    (found,) = run([study], [0], profile=Profile.DEV, known=known)
    assert found.rows == {0: [{"shape": "circle"}]}


def test_tokens_are_left_out_where_they_are_not(monkeypatch, tmp_path):
    monkeypatch.setenv("SAELAWS_CACHE", str(tmp_path))
    assert there(["digits", "tokens"]) == ["digits"]


@pytest.mark.parametrize("name", NAMES)
def test_the_documents_show_every_study(name):
    root = Path(__file__).parents[2]
    kept = json.loads((root / "docs" / "studies" / f"{name}.json").read_text(encoding="utf-8"))
    page = (root / "docs" / "studies" / "README.md").read_text(encoding="utf-8")
    said = [each.says for each in (*studies()[name].predictions, *studies()[name].controls)]
    assert [each["says"] for each in kept["predictions"] + kept["controls"]] == said
    assert len(kept["seeds"]) >= 3
    assert kept["complaints"] == []
    assert f"## {name}\n" in page
    assert (root / "docs" / "studies" / f"{name}.svg").is_file()
    assert f"`{name}`" in (root / "README.md").read_text(encoding="utf-8")

"""The shape of a statement file: found by scanning, complete, and complained about where it is not."""

import inspect
from dataclasses import replace
from pathlib import Path

import pytest

from theory.certificate import slack
from theory.counterexample import Counterexample
from theory.derive import PREMISES, atom, bias, unit
from theory.problem import D, a, j, r, z
from theory.statement import Eq, Rank, Statement, Status, discover, lint

STATEMENTS = discover()
PROVED = [statement for statement in STATEMENTS if statement.status is Status.PROVED]
FILE = '''"""Residuals are zero.

r = 0 for every sample.
Boundary: true at λ = 0 with enough atoms.

Reference: folklore.
"""

from theory.problem import a, r
from theory.statement import Eq, Statement, Status

statement = Statement(status=Status.OPEN, claim=Eq(r[a], 0), controls={"one": Eq(r[a], 1)})
'''


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_every_statement_is_complete(statement):
    assert lint(statement) == []


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_every_statement_is_short_and_needs_sympy_and_theory_only(statement):
    source = statement.path.read_text()
    imports = [line.split()[1] for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert {name.split(".")[0] for name in imports} <= {"sympy", "theory"}
    assert len(source.splitlines()) <= 60


def test_discovery_finds_the_statements_of_the_package_in_order():
    found = [s.id for s in STATEMENTS]
    assert {"C1", "R1", "A1", "A3", "A5", "B1"} <= set(found)
    assert found.index("A1") < found.index("A3") < found.index("A5") < found.index("B1") < found.index("C1")


# --- ranks: whether a claim says more than a condition ----------------------------------------------------------------


def residuals_in(proof):
    return {premise.name for premise in PREMISES.values() if proof.has(premise.symbol)}


def says_more_than_a_condition(proof):
    """Whether a proof puts conditions together, or leaves something nonnegative over."""
    return len(residuals_in(proof)) > 1 or slack(proof) != 0


def repeats_a_condition(proof):
    """Whether a proof is a number times one residual."""
    return any(proof.as_coeff_Mul()[1] == premise.symbol[premise.indices] for premise in PREMISES.values())


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_what_is_proved_has_a_rank_and_nothing_else_has(statement):
    assert (statement.rank is not None) == (statement.status is Status.PROVED)


@pytest.mark.parametrize("statement", PROVED, ids=lambda s: s.id)
def test_a_law_says_more_than_a_condition_and_what_repeats_conditions_is_a_lemma(statement):
    if statement.rank is Rank.LAW:
        assert any(map(says_more_than_a_condition, statement.proofs))
    if all(map(repeats_a_condition, statement.proofs)):
        assert statement.rank is Rank.LEMMA


def test_what_a_proof_says_is_read_off_it():
    assert {"B1", "E1", "E2"} <= {each.id for each in PROVED if all(map(repeats_a_condition, each.proofs))}
    assert repeats_a_condition(-2 * bias[a])
    assert not repeats_a_condition(D[a, j] * unit[j])
    assert not repeats_a_condition(atom[a, j] + unit[j])
    assert says_more_than_a_condition(atom[a, j] - D[a, j] * unit[j])
    assert says_more_than_a_condition(r[a] ** 2 + bias[a])
    assert not says_more_than_a_condition(z[j] * bias[a])


def test_the_readme_counts_the_statements():
    ranks = {rank: sum(statement.rank is rank for statement in PROVED) for rank in Rank}
    refuted, conjectures = (sum(s.status is status for s in STATEMENTS) for status in (Status.REFUTED, Status.OPEN))
    count = (
        f"{len(STATEMENTS)} statements: {ranks[Rank.LAW]} laws, {ranks[Rank.COROLLARY]} corollaries, "
        f"{ranks[Rank.LEMMA]} lemmas, {refuted} refuted beliefs, {conjectures} open conjecture"
    )
    readme = Path(__file__).parents[2] / "README.md"
    assert count in " ".join(readme.read_text(encoding="utf-8").split())


def test_citations_are_found_and_go_round_in_no_circle():
    cites = {s.id: set(s.cites) for s in STATEMENTS}
    assert cites["A3"] == {"A1"}
    assert cites["K2"] == {"K1"}
    assert cites["C1"] == set()
    while cites:
        grounded = {id for id, cited in cites.items() if not cited & cites.keys()}
        assert grounded, cites
        cites = {id: cited for id, cited in cites.items() if id not in grounded}


def test_a_folder_of_conjectures_is_found(tmp_path):
    (tmp_path / "residuals_vanish.py").write_text(FILE)
    found = {s.id: s for s in discover([tmp_path])}
    assert found["residuals_vanish"].title == "Residuals are zero."
    assert found["residuals_vanish"].section("Boundary") == "true at λ = 0 with enough atoms."
    assert lint(found["residuals_vanish"]) == []


def test_two_files_with_one_id_are_refused(tmp_path):
    (tmp_path / "a1_again.py").write_text(FILE)
    with pytest.raises(ValueError, match="A1 is taken"):
        discover([tmp_path])


COMPLETE = Statement(
    status=Status.OPEN,
    claim=Eq(r[a], 0),
    controls={"one": Eq(r[a], 1)},
    document="Residuals are zero.\n\nBoundary: none.\n\nReference: folklore.\n",
    path=Path("residuals_vanish.py"),
)


SHOWN = Counterexample(x=[[2]], D=[[1]], z=[[1]], lam=1, b=[0], bias=False)

# Of every rule: the smallest changes of a complete statement that break it, and the nearest that do not.
FIRES = [
    ({"document": "Residuals are zero\n\nBoundary: none.\n\nReference: folklore.\n"}, "full stop"),
    ({"document": ""}, "full stop"),
    ({"document": "Residuals are zero.\n\nReference: folklore.\n"}, "no `Boundary:` line"),
    ({"document": "Residuals are zero.\n\nBoundary:\n\nReference: folklore.\n"}, "no `Boundary:` line"),
    ({"document": "Residuals are zero.\n\nBoundary: none.\n"}, "no `Reference:` line"),
    ({"controls": {}}, "no controls"),
    ({"controls": {"same": Eq(r[a], 0)}}, "the claim itself"),
    ({"controls": {"one": Eq(r[a], 1), "same": Eq(r[a], 0)}}, "control 'same' is the claim itself"),
    ({"controls": {"two": (Eq(r[a], 1), Eq(r[a], 2))}}, "control 'two' must have as many relations"),
    ({"status": Status.PROVED}, "without a proof"),
    ({"status": Status.REFUTED}, "if, and only if, its status is REFUTED"),
    ({"counterexample": SHOWN}, "if, and only if, its status is REFUTED"),
    ({"document": "TODO.\n\nBoundary: none.\n\nReference: folklore.\n"}, "still to be written"),
    ({"status": Status.PROVED, "proof": bias[a], "counterexample": SHOWN}, "if, and only if, its status is REFUTED"),
]
SILENT = [
    {},
    {"document": "Residuals are zero.\nr = 0.\nBoundary: none\nat all.\n\nReference: folklore.\n"},
    {"controls": {"one": Eq(r[a], 1), "two": Eq(r[a], 2)}},
    {"controls": {"the other way round": Eq(-r[a], 0)}},
    {"claim": (Eq(r[a], 0), Eq(r[a], 0)), "controls": {"both": (Eq(r[a], 1), Eq(r[a], 0))}},
    {"status": Status.PROVED, "proof": bias[a]},
    {"proof": bias[a]},
    {"status": Status.REFUTED, "counterexample": SHOWN},
]


@pytest.mark.parametrize(("change", "complaint"), FIRES)
def test_the_linter_fires(change, complaint):
    (line,) = (line for line in lint(replace(COMPLETE, **change)) if complaint in line)
    assert "\n" not in line


@pytest.mark.parametrize("change", SILENT)
def test_the_linter_is_silent(change):
    assert lint(replace(COMPLETE, **change)) == []


def test_every_rule_of_the_linter_is_tested():
    rules = inspect.getsource(lint).count("complaints.append(") + inspect.getsource(lint).count("complaints +=")
    # Boundary and Reference are two complaints of one rule.
    assert len({complaint.removeprefix("control 'same' is ") for _, complaint in FIRES}) == rules + 1

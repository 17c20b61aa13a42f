"""Statements are written in Rocq as they are claimed; its kernel proves them, and refuses what is false.

What needs coqc with MathComp is skipped where there is none.
"""

import json
import re
import shutil
from contextlib import nullcontext, suppress
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from math import prod
from pathlib import Path

import pytest
from sympy import Dummy, Idx, IndexedBase
from typer.testing import CliRunner

from checks import cli
from checks.claims.load import load_file
from checks.claims.rocq import run
from checks.claims.rocq.emit import NOT_WRITTEN, Sheet, emitted
from checks.claims.rocq.identities import NotAnIdentity
from checks.claims.rocq.proofs import NotSeen
from checks.claims.rocq.terms import (
    Fact,
    Function,
    Leaves,
    Mean,
    Minus,
    Named,
    Number,
    Plus,
    Power,
    Quantity,
    Reciprocal,
    Times,
    Total,
    embedded,
    renamed,
    shown,
)
from checks.claims.rocq.translate import NotWritable, index_name
from checks.errors import MissingExtra
from theory.derive import DEFINED, conditions
from theory.expectation import SampledBase, SampledSymbol
from theory.instantiate import World
from theory.language import AXES
from theory.problem import SECOND_SAMPLE, marginal, phi
from theory.statement import Status, discover
from theory.theorem import discover_theorems

STATEMENTS = {statement.id: statement for statement in discover()}
PROVED = [statement for statement in STATEMENTS.values() if statement.status is Status.PROVED]
UNPROVED = re.compile(r"\b(Axiom|Admitted|admit|Parameter|Conjecture|bypass_check)\b|Unset Guard")
CORPUS = Path(__file__).parents[1] / "theory/unsound"
UNSOUND = sorted((CORPUS / "arithmetic").glob("*.py"))
with_rocq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc with MathComp is not installed")


def by_id(statement):
    return statement.id


# --- what is written -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", PROVED, ids=by_id)
def test_every_proved_statement_is_written_without_axioms(statement):
    text = emitted(statement)
    assert text.count("\nTheorem ") == text.count("\nPrint Assumptions ") == len(statement.claims)
    assert not UNPROVED.search(text)


@pytest.mark.parametrize("name", [*run.FILES, "T1.v"])
def test_what_is_written_by_hand_has_no_axioms(name):
    assert not UNPROVED.search(run.source(name))


def test_a_file_says_what_is_claimed_and_all_that_is_assumed():
    text = emitted(STATEMENTS["A1"])
    assert "Theorem claim_A1 (a : 'I_d) (j : 'I_k) :\n" in text
    assert "  \\E_i (r i a * z i j) = (\\E_i (z i j * phi' i (z i j))) * D a j.\n" in text
    assert "nu j * D a j - \\E_i (r i a * z i j) = 0." in text
    assert set(re.findall(r"Hypothesis (\w+_holds)", text)) == {"atom_holds", "scale_holds", "unit_holds"}


def test_what_is_given_is_a_hypothesis_of_its_theorem():
    text = emitted(STATEMENTS["K2"])
    assert "(given0 : \\E_i (off i l * z i j) = 0)" in text
    assert "(given2 : j != l :> nat)" in text


def test_the_example_is_what_is_written():
    assert (Path(__file__).parents[2] / "docs/A1.v").read_text(encoding="utf-8") == emitted(STATEMENTS["A1"])


def test_the_readme_counts_what_is_written():
    theorems = sum(emitted(statement).count("\nTheorem ") for statement in PROVED)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert f"{theorems} theorems of {len(PROVED)} statements" in readme


def test_a_second_sample_is_another_sample_of_the_same_data():
    text = emitted(STATEMENTS["R2"])
    assert "(i : 'I_n) (i2 : 'I_n)" in text
    assert "z i2" in text
    assert "z2" not in text


@pytest.mark.parametrize("name", ["A1", "W7", "R2", "K2"])
def test_a_control_is_not_written(name):
    statement = STATEMENTS[name]
    for control in statement.controls:
        with pytest.raises(NOT_WRITTEN):
            emitted(replace(statement, claim=statement.control(control)))


def test_a_certificate_with_another_multiplier_is_not_written():
    statement = STATEMENTS["R1"]
    with pytest.raises(NotAnIdentity):
        emitted(replace(statement, proof=2 * statement.proof))


def test_a_slack_that_may_be_negative_is_not_written():
    """The margin itself is a certificate that is an identity, and shows nothing."""
    statement = STATEMENTS["W1"]
    with pytest.raises(NotSeen):
        emitted(replace(statement, proof=statement.claim.lhs - statement.claim.rhs))


@pytest.mark.parametrize("path", UNSOUND, ids=lambda path: path.stem)
def test_what_is_no_identity_is_not_written(path):
    """Other unsound statements assume what is not so, which a file spells out."""
    with pytest.raises(NOT_WRITTEN):
        emitted(load_file(path))


def test_multipliers_where_silent_units_have_no_price_may_be_negative():
    path = CORPUS / "second_sample/residual_of_a_top_k_code.py"
    with pytest.raises(NotSeen, match="mu may be negative"):
        emitted(load_file(path))


def test_a_mean_of_pairs_is_not_written():
    with pytest.raises(NotWritable, match="second sample"):
        emitted(load_file(CORPUS / "second_sample/mean_of_a_product_of_two.py"))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Minus(Times((Quantity("s"), Quantity("t")))), "- (s * t)"),
        (Minus(Mean("i", Quantity("z", ("i", "j")))), "- (\\E_i z i j)"),
        (Plus((Quantity("s"), Minus(Plus((Quantity("t"), Number(1)))))), "s - (t + 1)"),
        (Times((Quantity("s"), Times((Quantity("t"), Quantity("u"))))), "s * (t * u)"),
        (Times((Quantity("s"), Reciprocal(2))), "s / 2%:R"),
        (Power(Plus((Quantity("s"), Quantity("t"))), 2), "(s + t) ^+ 2"),
        (Total("k", "m", Plus((Quantity("v", ("m",)), Number(2)))), "\\sum_(m < k) (v m + 2%:R)"),
    ],
)
def test_what_is_shown_is_bracketed_as_it_is_meant(term, text):
    assert shown(term) == text


def test_an_index_within_a_sum_is_counted_from_outside():
    term = Total("d", "a", Times((Quantity("D", ("a", "j")), Total("k", "m", Quantity("v", ("m",))))))
    assert embedded(term, {"j": 0}, 1, Leaves()) == "(Sum 1 (Mul (Leaf 0 [:: 1; 0]%N) (Sum 2 (Leaf 1 [:: 2]%N))))"


def test_a_sum_captures_no_index():
    with pytest.raises(ValueError, match="m is summed over"):
        renamed(Total("k", "m", Quantity("G", ("m", "j"))), {"j": "m"})


# --- that it says what is claimed ------------------------------------------------------------------------------------


class Numbers:
    """The value of a term in a world of numbers, read as a file says that it is read."""

    def __init__(self, world, sheet):
        self.world, self.sheet = world, sheet
        sizes = world.sizes
        self.sizes = {"n": world.n, "d": sizes["d"], "k": sizes["k"], "sources": sizes["p"], "prefixes": sizes["g"]}

    def value(self, term, at):
        match term:
            case Number(number):
                return Fraction(number)
            case Reciprocal(number):
                return Fraction(1, number)
            case Minus(part):
                return -self.value(part, at)
            case Plus(parts):
                return sum((self.value(part, at) for part in parts), Fraction(0))
            case Times(parts):
                return prod((self.value(part, at) for part in parts), start=Fraction(1))
            case Power(base, exponent):
                return self.value(base, at) ** exponent
            case Total(axis, index, body):
                return sum((self.value(body, {**at, index: i}) for i in range(self.sizes[axis])), Fraction(0))
            case Mean(index, body):
                weights = enumerate(self.world.weights)
                return sum((weight * self.value(body, {**at, index: i}) for i, weight in weights), Fraction(0))
            case Named(_, _, _, meaning) | Fact(_, meaning):
                return self.value(meaning, at)
            case Function("^-1", _, argument):
                return 1 / self.value(argument, at)
            case Function("pos", _, argument):
                return max(self.value(argument, at), Fraction(0))
            case Function(name, _, argument):
                price = {"phi": phi, "phi'": marginal}[name](Dummy(nonnegative=True))
                (place,) = price.free_symbols
                self.world.drawn(place, self.value(argument, at))
                return self.world.value(price, {}, 0)
            case Quantity("delta", (one, other)):
                return Fraction(int(at[one] == at[other]))
            case Quantity(name, indices):
                return self.quantity(name, [at[index] for index in indices], "i2" in indices[:1])

    def quantity(self, name, places, second):
        symbol = self.sheet.translator.met[name]
        if second:
            symbol = next(each for each in SECOND_SAMPLE if str(getattr(each, "label", each)) == f"{name}2")
        sample = places.pop(0) if isinstance(symbol, (SampledBase, SampledSymbol)) else None
        if not isinstance(symbol, IndexedBase):
            return self.world.value(symbol, {}, sample)
        letters = [Idx(f"w{place}", size) for place, size in enumerate(AXES[str(symbol.label)])]
        return self.world.value(symbol[tuple(letters)], dict(zip(letters, places)), sample)


class Priced(World):
    """A world in which a symbol may be given its value."""

    def drawn(self, symbol, value):
        self._drawn[str(symbol), None] = value


@pytest.mark.parametrize("statement", PROVED, ids=by_id)
def test_what_is_written_has_the_value_of_what_is_claimed(statement):
    sheet = Sheet(statement)
    relations = [sheet.special(each) for each in (*statement.claims, *statement.given)]
    sides = [side for each in relations for side in each.args if not isinstance(side, Idx)]
    spent = [each for each in conditions(sheet.objective).values() if any(p.has(each.symbol) for p in statement.proofs)]
    sides += [sheet.special(each.residual) for each in spent]
    world = Priced(2, 3, 2, seed=5, definitions=DEFINED)
    numbers = Numbers(world, sheet)
    for side in sides:
        term = sheet.translator.term(side)
        free = [index for index in side.free_symbols if isinstance(index, Idx)]
        for at in islice(world.assignments(side), 4):
            for sample in range(2):
                named = {index_name(index): at[index] for index in free} | {"i": sample, "i2": sample}
                with suppress(ZeroDivisionError):
                    assert numbers.value(term, named) == world.value(side, at, sample)


# --- what is said of it ----------------------------------------------------------------------------------------------


def test_without_coqc_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(MissingExtra, match="apt-get install coq"):
        run.check([STATEMENTS["A1"]])


def test_axioms_are_read_from_what_rocq_says():
    said = "Axioms:\ncheat : forall x : nat, x = 0\nother\n  : False\nt : True\n"
    assert run.axioms(said) == ("cheat", "other", "t")
    assert run.axioms("t : True\n     : Prop\nClosed under the global context\n") == ()


def test_files_are_written_for_others_to_compile(tmp_path):
    theorem = next(each for each in discover_theorems() if each.id == "T1")
    lines = run.write([STATEMENTS["W3"], STATEMENTS["Q1"]], [theorem], tmp_path / "rocq")
    assert {file.name for file in (tmp_path / "rocq").iterdir()} == {*run.FILES, "W3.v", "T1.v"}
    assert lines[0] == "Q1: it has no certificate"


# --- what Rocq decides -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def library():
    try:
        with run.library() as folder:
            yield folder
    except MissingExtra as error:
        pytest.skip(str(error))


# `saelaws prove --rocq`, of which the pipeline asks all statements and theorems, shows that what is sound is proved.


@with_rocq
def test_rocq_proves_a_statement_from_no_axioms(library):
    found = run.check_in(library, STATEMENTS["K2"])  # with what is given
    assert found.proved, found.reason
    assert found.theorems == len(STATEMENTS["K2"].claims)


def refused(library, statement, name):
    found = run.check_text(library, name, emitted(statement, complete=False))
    return found.refused and not found.proved


@with_rocq
def test_rocq_refuses_a_control(library):
    statement = STATEMENTS["R1"]
    assert refused(library, replace(statement, claim=statement.control("half the penalty")[0]), "R1_control")


@with_rocq
def test_rocq_refuses_a_certificate_with_another_multiplier(library):
    statement = STATEMENTS["W7"]
    assert refused(library, replace(statement, proof=2 * statement.proof), "W7_tampered")


@with_rocq
def test_rocq_refuses_a_claim_that_is_not_the_one_that_was_computed_with(library):
    text = emitted(STATEMENTS["B1"])
    changed = text.replace("  \\E_i r i a = 0.", "  \\E_i r i a = 1.")
    assert changed != text
    assert run.check_text(library, "B1_changed", changed).refused


@with_rocq
def test_several_statements_are_asked_about_at_once(library):
    asked = [STATEMENTS["N1"], STATEMENTS["W8"]]  # with divisions, and with Kronecker's delta
    found = run.check_together(library, asked)
    assert [each.theorems for each in found] == [len(each.claims) for each in asked]
    assert all(each.proved for each in found)
    assert not (library / "N1.v").exists()


@with_rocq
def test_of_several_statements_the_one_that_is_refused_is_told(library, monkeypatch):
    monkeypatch.setattr(run, "emitted", lambda statement: emitted(statement, complete=False))
    right, wrong = STATEMENTS["B1"], replace(STATEMENTS["R4"], proof=2 * STATEMENTS["R4"].proof)
    found = run.check_together(library, [right, STATEMENTS["Q1"], wrong])
    assert [each.proved for each in found] == [True, False, False]
    assert [each.refused for each in found] == [False, False, True]


@with_rocq
def test_an_axiom_is_found(library):
    text = "Axiom cheat : False.\nTheorem t : False. Proof. exact cheat. Qed.\nPrint Assumptions t.\n"
    found = run.check_text(library, "Cheat", text)
    assert found.axioms == ("cheat",)
    assert found.refused
    assert not found.proved


@with_rocq
def test_a_file_that_proves_nothing_is_refused(library):
    assert run.check_text(library, "Empty", "(* nothing *)\n").refused


@with_rocq
def test_prove_says_what_rocq_proves(library, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "library", lambda: nullcontext(library))
    done = CliRunner().invoke(cli.app, ["prove", "B1", "Q1", "--rocq", "--json", str(tmp_path / "p.json")])
    assert done.exit_code == 0, done.output
    assert "all n, d, k" in done.output
    assert "no axioms" in " ".join(done.output.split())
    b1, q1 = json.loads((tmp_path / "p.json").read_text())["statements"]
    assert b1["rocq"]["proved"]
    assert not q1["rocq"]["proved"]

"""A claim that cannot be read is named, and every claim of the package can be."""

from dataclasses import replace

import pytest
import sympy
from sympy import IndexedBase, Sum, Symbol

from theory import problem
from theory.expectation import E
from theory.language import AXES
from theory.problem import D, G, a, c, d, j, k, l, lam, r, x, z
from theory.statement import Eq, Ge, Gt, Le, Statement, Status, discover
from theory.wellformed import faults

SOUND = Statement(status=Status.OPEN, claim=Eq(E(r[a]), 0), controls={"one": Eq(E(r[a]), 1)})


def complaint(**change):
    (fault,) = faults(replace(SOUND, **change))
    return fault


@pytest.mark.parametrize("statement", discover(), ids=lambda statement: statement.id)
def test_every_statement_can_be_read(statement):
    assert faults(statement) == []


def test_every_symbol_of_the_problem_has_its_axes():
    assert {str(value.label) for value in vars(problem).values() if isinstance(value, IndexedBase)} <= AXES.keys()


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (..., "still blank"),
        (E(r[a]) == 0, "is False: in Python == compares"),
        (sympy.Eq(1, 1), "was decided at once"),
        (E(r[a]), "is no relation"),
        (E(z[j]) < 3, "is strict: write Le or Ge"),
        (Eq(E(r[j]), 0), "r[j]: r takes the index of a coordinate (a, c)"),
        (Eq(D[j, a], 0), "D[j, a]: D takes the index of a coordinate (a, c) and the index of an atom"),
        (Eq(G[a, c], 0), "G[a, c]: G takes the index of an atom (j, l, m) and"),
        (Eq(E(r[0]), 0), "r[0]: r takes"),
        (Eq(E(r[a, j]), 0), "r[a, j]: r takes"),
        (Eq(E(r), 0), "r stands without the index of a coordinate"),
        (Eq(IndexedBase("zz")[j], 0), "no symbol zz, did you mean z"),
        (Le(E(z[j]), Symbol("lamda")), "no quantity lamda, did you mean lam"),
        (Le(E(z[j]), k), "no quantity k"),
        (Eq(Sum(r[a] * x[a], j), 0), "the sum over j is of r[a]*x[a], which has no j"),
        (Eq(E(lam * Sum(r[j], j)), 0), "r[j]: r takes"),
    ],
    ids=str,
)
def test_what_cannot_be_read_is_named(claim, said):
    fault = complaint(claim=claim)
    assert fault.field == "claim"
    assert said in fault.reason


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"controls": {}}, "controls", "none: name a neighbouring claim"),
        ({"controls": Eq(E(r[a]), 1)}, "controls", "none: name a neighbouring claim"),
        ({"controls": {"one": E(r[a])}}, "controls", "'one': E[r[a]] is no relation"),
        ({"controls": {"one": Eq(E(r[j]), 1)}}, "controls", "'one': r[j]: r takes"),
        ({"given": [Gt(E(z[a]), 0)]}, "given", "z[a]: z takes the index of an atom"),
        ({"given": [True]}, "given", "True is no relation"),
        ({"claim": (Eq(r[a], 0), Eq(r[c], 0)), "proof": r[a]}, "proof", "1 certificates for 2 relations"),
    ],
)
def test_the_other_fields_are_read_too(change, field, said):
    fault = complaint(**change)
    assert fault.field == field
    assert said in fault.reason


def test_each_blank_is_named():
    blank = replace(SOUND, claim=..., controls={...: ...})
    assert [fault.field for fault in faults(blank)] == ["claim", "controls", "controls"]
    assert all("blank" in fault.reason for fault in faults(blank))


def test_what_can_be_read_is_left_alone():
    e = sympy.Idx("e", d)  # an index of one's own
    pairs = Ge(Sum(r[e] * x[e], e) * G[j, l], lam)
    assert faults(replace(SOUND, claim=pairs, given=[Gt(E(z[j]), 0), sympy.Ne(j, l)])) == []

"""Certificates are found where there are some, and none where there are none."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sympy
from sympy import KroneckerDelta, Sum

import theory.derive
import theory.problem
from checks.claims import find as search
from checks.claims.find import attempt, find
from checks.claims.written import as_source
from theory.certificate import verify
from theory.expectation import E
from theory.problem import (
    L1,
    D,
    G,
    a,
    atom_dot,
    b,
    c,
    dot,
    j,
    l,
    marginal,
    off,
    on,
    r,
    s,
    square,
    u,
    v,
    x,
    xhat,
    y,
    z,
)
from theory.statement import Eq, Ge, Le, Status, discover

PROVED = [statement for statement in discover() if statement.status is Status.PROVED]
FAMILIES = sorted({each.path.parent.name for each in PROVED})
ONE_OF_EACH_FAMILY = [  # that which is said with the fewest words
    min((each for each in PROVED if each.path.parent.name == family), key=lambda each: len(str(each.claims)))
    for family in FAMILIES
]
SECONDS = 60
paid = E(z[j] * marginal(z[j]))  # for the activation of unit j


def ids(statement):
    return statement.id


def hidden(statement):
    return replace(statement, proof=None)


@pytest.mark.parametrize("statement", ONE_OF_EACH_FAMILY, ids=ids)
def test_a_hidden_proof_is_found(statement):
    made = attempt(hidden(statement), seconds=SECONDS)
    assert made.is_complete
    replace(statement, proof=made.proofs).prove()


@pytest.mark.search
def test_most_hidden_proofs_are_found():
    made = [attempt(hidden(statement), seconds=SECONDS) for statement in PROVED]
    assert sum(each.is_complete for each in made) >= 0.9 * len(PROVED)


UNSEEN = {
    "trace of A1": Eq(Sum(E(r[a] * z[j]) * D[a, j], a, j), Sum(paid, j)),
    "C1 weighted by other codes": Le(E(y[j] * atom_dot(j, r)), E(y[j] * marginal(z[j]))),
    "C1 weighted where it is active": Eq(E(y[j] * on[j] * (marginal(z[j]) - atom_dot(j, r))), 0),
    "A1 scaled": Eq(s * E(r[a] * z[j]), s * paid * D[a, j]),
    "A1 summed with weights": Eq(Sum(v[j] * E(r[a] * z[j]), j), Sum(v[j] * paid * D[a, j], j)),
    "A1 as a covariance, with B1": Eq(E(r[a] * z[j]) - E(r[a]) * E(z[j]), paid * D[a, j]),
    "length of A1": Eq(Sum(E(r[a] * z[j]) ** 2, a), paid**2),
    "two of A1": Eq(Sum(E(r[a] * z[j]) * E(r[a] * z[l]), a), paid * E(z[l] * marginal(z[l])) * G[j, l]),
    "what residuals have of the data": Eq(E(dot(lambda i: r[i], lambda i: x[i] - b[i])), E(square(r)) + Sum(paid, j)),
    "reconstructions are shorter": Ge(E(Sum((x[a] - b[a]) ** 2, a)), E(square(r)) + E(square(xhat))),
    "B1 along a direction": Eq(Sum(u[a] * E(r[a]), a), 0),
    "E1 and B1 summed over atoms": Eq(Sum(D[a, j] * E(off[j] * r[a]), a, j), -Sum(E(on[j] * marginal(z[j])), j)),
}


@pytest.mark.parametrize("claim", UNSEEN.values(), ids=UNSEEN)
def test_unseen_consequences_are_proved(claim):
    found = find(claim, seconds=SECONDS)
    assert found.proof is not None
    verify(claim, found.proof)


@pytest.mark.parametrize("statement", ONE_OF_EACH_FAMILY, ids=ids)
def test_controls_are_not_proved(statement):
    for name in statement.controls:
        changed = [each for each in statement.control(name) if each not in statement.claims]
        assert changed
        assert not all(find(each, statement.given, statement.about, seconds=2).proof for each in changed)


def test_what_is_false_is_exhausted():
    """An equality that is off by a factor: the search ends because nothing is left to try."""
    found = find(Eq(E(r[a] * z[j]), 2 * paid * D[a, j]))
    assert found.proof is None
    assert not found.stopped


@pytest.mark.parametrize("step", ["splits", "entry", "cofactors"])
def test_time_is_kept(step, monkeypatch):
    """Once time is up, in whatever step of a round of squares, that step is not taken again."""
    taken, of_step, ahead = [], getattr(search, step), 0.0

    def late(*arguments, **options):
        nonlocal ahead
        ahead = math.inf
        taken.append(step)
        return of_step(*arguments, **options)

    monkeypatch.setattr(search, step, late)
    monkeypatch.setattr(search, "time", SimpleNamespace(process_time=lambda: ahead))
    found = find(Le(E(square(r)), E(square(xhat))), objective=L1)
    assert found.stopped
    assert taken == [step]


LANGUAGE = {
    **{name: value for name, value in vars(sympy).items() if name in ("Sum", "Idx", "Rational")},
    **vars(theory.problem),
    **{name: value for name, value in vars(theory.derive).items() if name not in ("a", "c")},
    "E": E,
    "KroneckerDelta": KroneckerDelta,
}


def test_what_is_printed_is_the_certificate():
    claim = Ge(Sum(u[a] * u[c] * E(r[a] * xhat[c]), a, c), 0)
    proof = find(claim, objective=L1).proof
    *introduced, line = as_source([proof]).splitlines()
    scope = dict(LANGUAGE)
    exec("\n".join(introduced), scope)
    assert eval(line.removeprefix("proof=").removesuffix(","), scope) == proof


def test_the_price_of_silent_units_is_spent_last():
    """S1 holds for top-k too, whose silent units have no price."""
    (statement,) = (each for each in PROVED if each.id == "S1")
    assert not attempt(hidden(statement)).proofs[0].has(theory.problem.mu)

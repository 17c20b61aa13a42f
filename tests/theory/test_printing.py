"""Formulas in the paper's notation."""

import xml.etree.ElementTree as ElementTree

import pytest
from sympy import Idx, IndexedBase, KroneckerDelta, Mul, Rational, Sum, log, sqrt

from theory.derive import PREMISES, atom
from theory.expectation import E
from theory.printing import latex, mathml, specialised, text
from theory.problem import (
    L1,
    D,
    D_dot,
    G,
    a,
    b,
    c,
    d,
    j,
    k,
    l,
    lam,
    lam2,
    m,
    marginal,
    mu,
    neg,
    nu,
    off,
    on,
    phi,
    pos,
    r,
    r2,
    s,
    u,
    v,
    x,
    xhat,
    xhat2,
    z,
    z2,
    z_dot,
)
from theory.statement import Eq, Ge, Gt, Le, Statement, discover

PRESENTATION = {"math", "mrow", "mi", "mn", "mo", "msub", "msup", "munder", "mover", "mfrac", "msqrt"}


e = Idx("e", d)
Q = IndexedBase("Q", real=True)


def product(*factors):
    return Mul(*factors, evaluate=False)


CASES = [
    (Eq(E(r[a] * z[j]), E(z[j] * marginal(z[j])) * D[a, j]), "E[r_a z_j] = E[z_j φ'(z_j)] D_aj"),
    (Le(Sum(D[c, j] * r[c], c), lam), "d_j·r ≤ λ"),
    (Ge(Sum(E(r[a] * xhat[c]) * u[a] * u[c], a, c), 0), "Σ_ac E[r_a x̂_c] u_a u_c ≥ 0"),
    (Gt(E(z[j]), 0), "E[z_j] > 0"),
    (Sum(phi(z[j]), j), "Σ_j φ(z_j)"),
    (Sum(D[a, j] * E(r[a] * z[j]), a) / E(z[j]), "d_j·E[r z_j] / E[z_j]"),
    (Sum(D[a, j] ** 2, a) - 1, "‖d_j‖² − 1"),
    (z[j] * (lam - Sum(D[c, j] * r[c], c)), "z_j (λ − d_j·r)"),
    (z[j] * Sum(D[c, j] * r[c], c), "z_j (d_j·r)"),
    (Sum(u[a] * D[a, j], a) ** 2, "(d_j·u)²"),
    (Sum(D[c, j] * atom[c, j], c) - nu[j], "d_j·atom_j − ν_j"),
    (product(-1, mu[j] + z[j]), "−(μ_j + z_j)"),
    (product(-1, nu[j], mu[j] + z[j]), "−ν_j (μ_j + z_j)"),
    (E(r[a] * on[j]), "E[1{z_j > 0} r_a]"),
    (G[l, j] * E(x[a]), "E[x_a] G_lj"),
    (Rational(1, 2) * lam, "λ / 2"),
    (1 / E(z[j]), "1 / E[z_j]"),
    (z[j] ** 3, "z_j³"),
    (Sum((x[a] - b[a] - Sum(D[a, m] * z[m], m)) ** 2, a) / 2, "‖x − b − Σ_m d_m z_m‖² / 2"),
    (Sum(D[a, j] * (x[a] - b[a]), a), "d_j·(x − b)"),
    (Sum((r[a] - r2[a]) * (xhat[a] - xhat2[a]), a), "(r − r')·(x̂ − x̂')"),
    (Sum(-2 * r[a] * u[a], a), "−2 (u·r)"),
    (Sum(-r[a] * u[a], a), "−u·r"),
    (Sum(lam * r[a] * u[a], a), "λ (u·r)"),
    (Sum((r[a] + 1) * u[a], a), "Σ_a u_a (r_a + 1)"),  # 1 is not a vector
    (Sum(Sum(D[a, j] * Q[a, e], a) * Sum(r[a] * Q[a, e], a), e), "Σ_e (d_j·Q_e) (r·Q_e)"),  # a matrix keeps an index
    (E(off[j] * r[a]), "E[1{z_j = 0} r_a]"),
    (KroneckerDelta(j, l), "δ_jl"),
    (Eq(z2[j] * lam2, xhat2[a]), "λ' z'_j = x̂'_a"),
    (Sum(D[a, j] * D_dot[a, j], a), "d_j·ḋ_j"),
    (pos(z_dot[j]) - neg(v[j]), "(ż_j)₊ − (v_j)₋"),
    (abs(v[j]) * s, "s |v_j|"),
    (log(1 + z[j]), "log(z_j + 1)"),
    (Sum(marginal(D[a, j]) * r[a], a), "Σ_a r_a φ'(D_aj)"),  # not an inner product of vectors
    (Sum(z[j] * G[l, j], j), "Σ_j G_lj z_j"),  # over atoms, not coordinates
    (product(Sum(z[j], j), Sum(z[l], l)), "(Σ_j z_j) Σ_l z_l"),  # a Σ takes in all that follows it
]


@pytest.mark.parametrize(("expr", "shown"), CASES, ids=[shown for _, shown in CASES])
def test_text(expr, shown):
    assert text(expr) == shown


def test_latex():
    assert latex(Le(Sum(D[c, j] * r[c], c), lam)) == r"d_{j} \cdot r \leq \lambda"
    assert latex(Sum(D[a, j] ** 2, a)) == r"\left\|d_{j}\right\|^{2}"
    assert latex(E(xhat[a] * z[j]) / 2) == r"\frac{\mathbb{E}\left[\hat{x}_{a} \, z_{j}\right]}{2}"
    assert latex(z_dot[j] * xhat2[a] * pos(v[j])) == r"\hat{x}'_{a} \, \dot{z}_{j} \, \left(v_{j}\right)_{+}"
    assert latex(atom[a, j]) == r"\mathrm{atom}_{a j}"
    assert latex(Sum(marginal(z[j]) * E(on[j]), j)) == (
        r"\sum_{j} \mathbb{E}\left[1\left\{z_{j} > 0\right\}\right] \, \phi'\left(z_{j}\right)"
    )


def test_mathml_has_the_text_as_its_alternative():
    relation = Gt(E(xhat[a]), 0)
    element = ElementTree.fromstring(mathml(relation))
    assert element.get("alttext") == text(relation)
    assert element.get("display") == "block"
    assert ElementTree.fromstring(mathml(relation, block=False)).get("display") == "inline"


@pytest.mark.parametrize("expr", [*(expr for expr, _ in CASES), sqrt(z[j] + 1)], ids=str)
def test_mathml_is_well_formed_presentation_markup(expr):
    element = ElementTree.fromstring(mathml(expr))
    tags = {part.tag.split("}")[1] for part in element.iter()}
    assert tags <= PRESENTATION
    assert all(len(part) == 2 for part in element.iter() if part.tag.endswith(("msub", "msup", "munder", "mfrac")))


@pytest.mark.parametrize("statement", discover(), ids=lambda statement: statement.id)
def test_every_statement_prints_in_every_form(statement: Statement):
    controls = [relation for name in statement.controls for relation in statement.control(name)]
    for expr in (*statement.claims, *statement.proofs, *statement.given, *controls):
        for shown in (text(expr), latex(expr), ElementTree.fromstring(mathml(expr)).get("alttext")):
            assert not any(leftover in shown for leftover in ("marginal", "xhat", "d - 1", "Sum", "Indexed"))


@pytest.mark.parametrize("premise", PREMISES.values(), ids=PREMISES)
def test_every_premise_prints(premise):
    assert "_" in text(premise.symbol[premise.indices])
    assert "0, d" not in text(premise.residual)
    assert ElementTree.fromstring(mathml(premise.residual)) is not None


def test_specialised_for_an_objective():
    relation = Eq(E(z[j] * marginal(z[j])), 0)
    assert text(specialised(relation)) == "E[λ z_j] = 0"
    assert specialised(relation) == specialised(relation, L1)


def test_vectors_are_printed_as_such_only_inside_their_inner_product():
    assert text(Eq(Sum(D[a, j] * r[a], a), D[a, j])) == "d_j·r = D_aj"


def test_dimensions_are_symbols_like_others():
    assert text(d * k) == "d k"

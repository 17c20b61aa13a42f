"""Each objective's conditions come out of its own loss, and a proof carries over only to conditions that read alike."""

from dataclasses import replace

import pytest
from sympy import Symbol

from theory.certificate import NotProved, verify, why_not_of
from theory.counterexample import Counterexample
from theory.derive import PREMISES, bias, code, conditions, drop, nowhere
from theory.expectation import E
from theory.printing import text
from theory.problem import (
    BATCH_TOP_K,
    ELASTIC_NET,
    FAMILY,
    L0,
    L1,
    LOG,
    LP,
    MATRYOSHKA,
    NORM_WEIGHTED,
    OBJECTIVES,
    ROOT,
    TANH,
    TOP_K,
    G,
    a,
    atom_dot,
    j,
    l,
    marginal,
    mu,
    phi,
    r,
    signless,
    square,
    step,
    y,
    z,
)
from theory.statement import Eq, Ge, Status, claimed, discover, reservation, under

STATEMENTS = {statement.id: statement for statement in discover()}
SMOOTH = (L1, ELASTIC_NET, LOG, TANH, ROOT)
FREE_AT_ZERO = (LP, L0, TOP_K, BATCH_TOP_K)


@pytest.mark.parametrize("objective", OBJECTIVES.values(), ids=lambda o: o.key)
def test_no_penalty_is_paid_for_nothing(objective):
    t = Symbol("t", positive=True)
    value = objective.specialise(phi(t))
    assert objective is L0 or value.limit(t, 0) == 0
    assert objective.specialise(phi(z[j])).subs(z[j], 0) == 0 or objective is L0


def test_an_l0_penalty_counts_active_units():
    assert text(L0.specialise(phi(z[j]))) == "λ 1{z_j > 0}"
    assert L0.specialise(marginal(z[j])) == 0
    assert step(Symbol("t", positive=True)) == 1


def test_which_objectives_price_silent_units_follows_from_their_penalties():
    assert all(o.prices_silent_units for o in (*SMOOTH, NORM_WEIGHTED, MATRYOSHKA))
    assert not any(o.prices_silent_units for o in FREE_AT_ZERO)
    assert all(o.specialise(mu[j]) == (mu[j] if o.prices_silent_units else signless[j]) for o in OBJECTIVES.values())


def test_what_a_problem_must_say_besides_its_price():
    assert {o.key: set(o.parameters) for o in OBJECTIVES.values() if o.parameters} == {
        "elastic-net": {"gamma"},
        "lp": {"p"},
        "top-k": {"K"},
        "batch-top-k": {"K"},
        "matryoshka": {"M"},
    }


def test_which_penalties_know_a_scale_of_their_own():
    scale_free = {o.key for o in OBJECTIVES.values() if o.scales_with_data}
    assert scale_free == {"l1", "elastic-net", "top-k", "batch-top-k", "norm-weighted-l1", "matryoshka"}


@pytest.mark.parametrize(
    ("objective", "name", "residual"),
    [
        (NORM_WEIGHTED, "code", "‖d_j‖ φ'(‖d_j‖ z_j) − μ_j − d_j·r"),
        (NORM_WEIGHTED, "atom", "E[z_j φ'(‖d_j‖ z_j)] D_aj / ‖d_j‖ − E[r_a z_j]"),
        (MATRYOSHKA, "code", "φ'(z_j) − μ_j − Σ_ag D_aj M_gj R_ga"),
        (MATRYOSHKA, "atom", "D_aj ν_j − Σ_g E[R_ga z_j] M_gj"),
        (MATRYOSHKA, "bias", "−Σ_g E[R_ga]"),
        (FAMILY, "drop", "(z_j² ‖d_j‖² / 2 + z_j (d_j·r) − φ(z_j))₋"),
        (FAMILY, "trade", "(z_j² ‖d_j‖² / 2 + z_j² ‖d_l‖² / 2 + z_j (d_j·r) − z_j (d_l·r'))₋"),
    ],
)
def test_conditions_come_out_of_the_objective(objective, name, residual):
    assert text(conditions(objective)[name].residual) == residual


def test_each_objective_has_the_conditions_that_its_constraints_allow():
    lacking = {o.key: set(PREMISES) - set(conditions(o)) for o in OBJECTIVES.values()}
    assert lacking["l1"] == {"swap", "trade"}
    second = {"code2", "comp2"}  # of a second sample, for whose λ there is a symbol in the L1 problem alone
    assert lacking["norm-weighted-l1"] == {*second, "swap", "trade", "unit"}
    assert lacking["matryoshka"] == {*second, "swap", "trade"}
    assert lacking["lp"] == lacking["l0"] == {*second, "trade"}
    assert lacking["top-k"] == {*second, "add", "trade"}
    assert lacking["batch-top-k"] == {*second, "add"}


@pytest.mark.parametrize(
    ("identifier", "objective", "law"),
    [
        ("A5", ELASTIC_NET, "d_j·E[r z_j] / E[z_j] = (γ E[z_j²] + E[λ z_j]) / E[z_j]"),
        ("A1", LP, "E[r_a z_j] = p E[λ z_j^p] D_aj"),
        ("R1", TOP_K, "r·x̂ = 0"),
        ("R7", TOP_K, "E[‖x − b‖²] = E[‖r‖²] + E[‖x̂‖²]"),
        ("S1", L0, "λ 1{z_j > 0} ≤ z_j² / 2"),
        ("S1", LP, "λ z_j^p ≤ λ p z_j^p + z_j² / 2"),
        ("S2", L0, "1{z_l = 0} (d_l·r) ≤ 1{z_l = 0} (λ / s + s / 2)"),
        ("S3", BATCH_TOP_K, "1{z_l = 0} z_j (d_l·(d_j z_j + r)) ≤ 1{z_l = 0} z_j²"),
    ],
)
def test_laws_of_members(identifier, objective, law):
    (relation,) = under(STATEMENTS[identifier], objective).claims
    special = relation.func(*map(objective.specialise, relation.args), evaluate=False)
    assert text(special) == law


def test_what_carries_over_is_what_the_conditions_say_word_for_word():
    claims = {o.key: {s.id for s in claimed(list(STATEMENTS.values()), o)} for o in OBJECTIVES.values()}
    family = {"A1", "A5", "B1", "C1", "E4", "R1", "R4", "R7"}
    for objective in (*SMOOTH, *FREE_AT_ZERO):
        assert family <= claims[objective.key]
    assert {key for key, ids in claims.items() if "K1" in ids} == {o.key for o in (*SMOOTH, L0, TOP_K, BATCH_TOP_K)}
    assert {key for key, ids in claims.items() if "K2" in ids} == {o.key for o in SMOOTH}
    says_something = {o.key for o in (*SMOOTH, LP, L0) if o not in (L1, ELASTIC_NET)}
    assert {key for key, ids in claims.items() if "S1" in ids} == says_something
    assert {key for key, ids in claims.items() if "S2" in ids} == {o.key for o in (*SMOOTH, LP, L0)}
    assert {key for key, ids in claims.items() if "S3" in ids} == {o.key for o in FREE_AT_ZERO}
    assert {key for key, ids in claims.items() if "D2" in ids} == {o.key for o in SMOOTH}
    assert claims["matryoshka"] & family == set() == claims["norm-weighted-l1"] & family - {"B1"}
    assert {"M1", "M2", "M3", "M4", "X15"} <= claims["matryoshka"]
    assert {"N1", "N2", "B1"} <= claims["norm-weighted-l1"]


@pytest.mark.parametrize(
    ("identifier", "objective", "why"),
    [
        ("K2", TOP_K, "never holds"),
        ("D1", L0, "never holds"),
        ("K3", TOP_K, "says nothing: the claim is true of any numbers"),
        ("S1", TOP_K, "says nothing: the claim is true of any numbers"),
        ("K1", LP, "speaks of φ'(0)"),
        ("K3", LP, "speaks of φ'(0)"),
        ("K6", LP, "speaks of φ'(0)"),
    ],
)
def test_a_form_that_says_nothing_is_not_claimed(identifier, objective, why):
    assert why in reservation(STATEMENTS[identifier], 0, objective)


def test_half_a_law_is_claimed_where_the_other_half_needs_a_price():
    C1 = STATEMENTS["C1"]
    reduced = under(C1, TOP_K)
    assert reduced.claims == C1.claims[1:]
    assert reduced.proofs == C1.proofs[1:]
    assert all(len(reduced.control(name)) == 1 for name in C1.controls)
    assert "price" in reservation(C1, 0, TOP_K)
    assert reservation(C1, 1, TOP_K) == ""
    assert under(C1, ELASTIC_NET) is C1
    for unpriced in FREE_AT_ZERO:
        with pytest.raises(NotProved, match="manifestly"):
            verify(C1.claims[0], C1.proofs[0], unpriced)


def test_what_has_no_proof_does_not_carry_over():
    open_ = replace(STATEMENTS["B1"], status=Status.OPEN, proof=None)
    assert under(open_, L1) is open_
    assert under(open_, LOG) is None


@pytest.mark.parametrize(
    ("identifier", "objective"),
    [*((i, MATRYOSHKA) for i in ("A1", "C1", "B1", "R1")), *((i, NORM_WEIGHTED) for i in ("A1", "C1", "R1"))],
    ids=str,
)
def test_a_proof_that_does_not_carry_over_is_refused_there(identifier, objective):
    statement = STATEMENTS[identifier]
    assert under(statement, objective) is None
    with pytest.raises(NotProved):
        verify(statement.claims[0], statement.proofs[0], objective)


@pytest.mark.parametrize("objective", [L0, TOP_K], ids=lambda o: o.key)
@pytest.mark.parametrize("identifier", ["A1", "C1", "R1", "B1", "S1", "S3"])
def test_a_proof_that_carries_over_is_verified_there(identifier, objective):
    reduced = under(STATEMENTS[identifier], objective)
    if reduced is None:
        assert (identifier, objective) == ("S1", TOP_K)
        return
    for claim, proof in zip(reduced.claims, reduced.proofs, strict=True):
        verify(claim, proof, objective)


@pytest.mark.parametrize("amount", [y[j], square(r), E(z[j]), z[j] + z[l]])
def test_a_slope_at_what_may_be_zero_is_not_claimed_of_an_infinite_one(amount):
    claim, proof = Eq(marginal(amount) * E(r[a]), 0), -marginal(amount) * bias[a]
    verify(claim, proof)
    assert "φ'(0)" in why_not_of(LP, claim, proof)
    assert why_not_of(LOG, claim, proof) == ""


def test_what_a_multiplier_without_a_sign_is_spent_for_is_not_claimed_where_it_has_none():
    given = [Eq(E(mu[l] * z[j]), 0)]
    claim = Eq(E(z[j] ** 2 * (marginal(z[l]) - atom_dot(l, r))), 0)
    proof = E(z[j] ** 2 * code[l]) + E(z[j] * nowhere[0])
    verify(claim, proof, given=given)
    assert why_not_of(L1, claim, proof, given) == ""
    assert all("price of a silent unit" in why_not_of(o, claim, proof, given) for o in FREE_AT_ZERO)


# --- counterexamples of other objectives -----------------------------------------------------------------------------

X15, X16, X17 = (STATEMENTS[identifier] for identifier in ("X15", "X16", "X17"))


def broken(statement, **change):
    replace(statement, counterexample=replace(statement.counterexample, **change)).prove()


@pytest.mark.parametrize(
    ("statement", "change", "complaint"),
    [
        (X15, {"prefixes": [[1, 1], [1, 1]]}, "does not vanish"),
        (X15, {"objective": L1, "prefixes": None}, "another objective"),
        (X15, {"lam": 2}, "does not vanish"),
        (X16, {"limit": 1}, "too many"),
        (X16, {"limit": None}, "too many"),
        (X16, {"objective": BATCH_TOP_K, "limit": 1}, "another objective"),
        (X16, {"objective": L1, "lam": 1, "limit": None}, "another objective"),
        (X17, {"D": [[1, 0], [0, 2]]}, "does not vanish"),
    ],
)
def test_a_counterexample_must_be_an_optimum_of_its_objective(statement, change, complaint):
    with pytest.raises(NotProved, match=complaint):
        broken(statement, **change)


def test_a_counterexample_must_break_the_claim_where_it_is_made():
    nowhere = replace(X16, given=[*X16.given, Ge(E(z[j]), 100)])
    with pytest.raises(NotProved, match="holds"):
        nowhere.prove()
    with pytest.raises(NotProved, match="holds"):
        replace(X17, claim=Ge(G[j, l], -1)).prove()


def test_a_counterexample_of_a_batch_counts_all_samples():
    kept = Counterexample(x=[[2], [0]], D=[[1]], z=[[2], [0]], lam=0, b=[0], bias=False, objective=BATCH_TOP_K, limit=1)
    with pytest.raises(NotProved, match="holds"):
        kept.verify([Ge(G[j, l], 0)])


def test_other_codes_are_conditions_of_their_own():
    assert drop not in {premise.symbol for premise in conditions(L1).values() if premise.name == "code"}
    assert text(conditions(NORM_WEIGHTED)["drop"].residual) == "(z_j² ‖d_j‖² / 2 + z_j (d_j·r) − φ(‖d_j‖ z_j))₋"

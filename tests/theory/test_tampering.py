"""What a file changes outside of itself is named, and put back where it can be."""

import _thread
import atexit
import sys
import time

import pytest
import sympy

from theory import certificate, derive, normal_form, problem, tampering, witness
from theory.problem import L0, lam, pos
from theory.statement import Statement
from theory.tampering import TamperedWith, untouched


def nothing():
    """Leaves all as it was."""


def generator():
    yield


CHANGES = {
    "theory.certificate.is_nonnegative": lambda: setattr(certificate, "is_nonnegative", lambda expr: True),
    "theory.derive.DEFINED": lambda: derive.DEFINED.update(extra=nothing),
    "theory.problem.pos._eval_is_nonnegative": lambda: setattr(pos, "_eval_is_nonnegative", nothing),
    "theory.problem.pos._eval_is_zero": lambda: setattr(pos, "_eval_is_zero", nothing),
    "sympy.core.add.Add.__eq__": lambda: setattr(sympy.Add, "__eq__", nothing),
    "theory.witness.met": lambda: witness.met.__kwdefaults__.update(points=()),
    "sympy.core.expr.Expr.sort_key": lambda: setattr(sympy.Expr.sort_key.__closure__[0], "cell_contents", nothing),
    "theory.tampering.untouched": lambda: setattr(untouched.__wrapped__, "__code__", generator.__code__),
    "theory.statement.Statement.claims": lambda: setattr(Statement.claims.fget, "__code__", (lambda self: ()).__code__),
    "theory.problem": lambda: sys.modules.update({"theory.problem": certificate}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_named_and_undone(name):
    before = certificate.is_nonnegative, dict(derive.DEFINED), sympy.Add.__eq__, sys.modules["theory.problem"]
    with pytest.raises(TamperedWith, match=name), untouched():
        CHANGES[name]()
    after = certificate.is_nonnegative, dict(derive.DEFINED), sympy.Add.__eq__, sys.modules["theory.problem"]
    assert before == after
    assert "_eval_is_zero" not in vars(pos)


def test_a_condition_that_is_derived_in_another_way_is_named():
    derivation = derive.DERIVED[1].derivation
    before = derivation.__code__
    try:
        with pytest.raises(TamperedWith, match=r"theory\.derive\.DERIVED"), untouched():
            derivation.__code__ = (lambda _: sympy.S.Zero).__code__
    finally:
        derivation.__code__ = before


def test_what_changes_nothing_passes():
    with untouched():
        nothing()
        problem.L1.specialise(problem.loss())


def test_what_would_go_on_afterwards_is_refused():
    with pytest.raises(TamperedWith, match="running"), untouched():
        atexit.register(nothing)
    before, end = _thread._count(), _thread.allocate_lock()
    end.acquire()
    with pytest.raises(TamperedWith, match="running"), untouched():
        _thread.start_new_thread(end.acquire, ())
    end.release()
    while _thread._count() > before:  # or it would end while another test looks
        time.sleep(0.01)
    with pytest.raises(TamperedWith, match="running"), untouched():
        sys.path.insert(0, "elsewhere")
    assert "elsewhere" not in sys.path


def test_what_an_objective_was_made_to_remember_is_forgotten():
    assert not L0.prices_silent_units
    with untouched():
        vars(L0)["prices_silent_units"] = True
        L0._forms[lam] = sympy.S.Zero
    assert not L0.prices_silent_units
    assert L0.specialise(lam) == lam


def gives_way():
    certificate.is_nonnegative = nothing
    raise SystemExit(0)


def blinds():
    for name in ("_is_fixed", "_matters", "_functions", "_prints", "_is_alike", "_running", "_listeners"):
        vars(tampering)[name].__code__ = (lambda *arguments, **options: ()).__code__
        setattr(tampering, name, nothing)
    tampering.TamperedWith = SystemExit
    certificate.verify.__code__ = nothing.__code__


def test_what_raises_is_looked_at_as_well():
    before = certificate.is_nonnegative
    with pytest.raises(TamperedWith, match="is_nonnegative"), untouched():
        gives_way()
    assert certificate.is_nonnegative is before
    with pytest.raises(ZeroDivisionError), untouched():
        1 / 0  # noqa: B018


def test_who_looks_for_changes_cannot_be_blinded():
    before = vars(tampering).copy(), certificate.verify.__code__
    with pytest.raises(TamperedWith, match="it changes theory"), untouched():
        blinds()
    assert (vars(tampering), certificate.verify.__code__) == before


class Liar(sympy.Symbol):
    """Passes for an expression of the kernel, and has no premise."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return hash(derive.scale[problem.j])


def test_an_answer_that_was_planted_is_forgotten():
    with untouched():
        derive.premises_of.cache_clear()
        planted = derive.premises_of(Liar("liar")), derive.premises_of(derive.scale[problem.j])
        normal_form._TEMPLATES["planted"] = sympy.S.Zero, ()
    assert "planted" not in normal_form._TEMPLATES
    assert planted == (frozenset(), frozenset())
    assert derive.premises_of(derive.scale[problem.j]) == {"scale"}

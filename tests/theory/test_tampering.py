"""What a file changes outside of itself is named, and put back where it can be."""

import _thread
import atexit
import sys
import time

import pytest
import sympy

from theory import certificate, derive, problem, tampering, witness
from theory.problem import L0, lam, pos
from theory.statement import Statement
from theory.tampering import TamperedWith, untouched


def nothing():
    """Leaves all as it was."""


CHANGES = {
    "theory.certificate.is_nonnegative": lambda: setattr(certificate, "is_nonnegative", lambda expr: True),
    "theory.derive.DEFINED": lambda: derive.DEFINED.update(extra=nothing),
    "theory.problem.pos._eval_is_nonnegative": lambda: setattr(pos, "_eval_is_nonnegative", nothing),
    "theory.problem.pos._eval_is_zero": lambda: setattr(pos, "_eval_is_zero", nothing),
    "sympy.core.add.Add.__eq__": lambda: setattr(sympy.Add, "__eq__", nothing),
    "theory.witness.met": lambda: witness.met.__kwdefaults__.update(points=()),
    "sympy.core.expr.Expr.sort_key": lambda: setattr(sympy.Expr.sort_key.__closure__[0], "cell_contents", nothing),
    "theory.tampering._noting": lambda: setattr(tampering._noting.__wrapped__, "__code__", nothing.__code__),
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

"""Solvers of other people: sound ones pass every law of their problem, and each fault fails in a line that names it."""

import numpy as np
import pytest
import torch

from checks.data.synthetic.planted import planted
from checks.errors import BadInput
from checks.judging.exact import judge
from checks.judging.subjects import STATIONARY_PARAMETERS, Subject
from checks.laws import PROMISES, SOLUTION, LawFails, laws, parametrize_with_laws
from checks.problem.instance import instance
from checks.solvers.dictionary import joint
from theory.statement import Status, discover

SMALL = [instance(planted(60, 4, 5, seed=0, noise=0.05).x, 5, 0.2, name="small")]


def sound(x, k, lam):
    found = joint(x, k, lam, seed=0)
    return found.D, None, found.Z


def biased(x, k, lam):
    found = joint(x, k, lam, bias=True, seed=0)
    return found.D, found.b, found.Z


def failures(judged):
    """The message of each law that fails."""
    found = {}
    for law in judged:
        try:
            law.check()
        except (LawFails, BadInput) as error:
            found[law.id] = f"{type(error).__name__}: {error}"
    return found


@pytest.mark.parametrize(
    ("promises", "bias"),
    [
        ("joint optimum", True),
        ("optimal codes", False),
        ("nearly a joint optimum", True),
        ("stationary parameters", False),
    ],
)
def test_an_exact_solver_passes_every_law(promises, bias):
    judged = laws(biased if bias else sound, promises=promises, bias=bias)
    assert failures(judged) == {}
    assert len(judged) > 15


def test_every_proved_law_is_among_them():
    judged = {law.id for law in laws(biased, bias=True)}
    proved = {statement.id for statement in discover() if statement.status is Status.PROVED}
    assert judged - {SOLUTION} == proved & judged
    assert {"A1", "B1", "C1", "D1", "K1", "K2", "W1"} <= judged
    assert "B1" not in {law.id for law in laws(sound)}
    assert "C1" not in {law.id for law in laws(sound, promises="stationary parameters")}


def spoilt(**change):
    """The sound solver with what it returns, or what it is given, changed."""

    def solver(x, k, lam):
        D, b, Z = sound(*change.get("given", lambda *all: all)(x, k, lam))
        returned = {"D": D, "b": b, "Z": Z}
        return tuple(change.get(letter, lambda value: value)(value) for letter, value in returned.items())

    return solver


FAULTS = {
    "zeros": (spoilt(D=np.zeros_like, Z=np.zeros_like), "atom 0 has norm 0"),
    "no codes": (spoilt(Z=np.zeros_like), "all codes are zero"),
    "not a number": (spoilt(Z=lambda Z: Z * np.nan), "not finite, first at row 0"),
    "an atom that is not": (spoilt(D=lambda D: D / 0 * 0), "not finite"),
    "atoms as rows": (spoilt(D=np.transpose), "D has shape (5, 4), expected (4, 5): atoms are its columns"),
    "an atom too few": (spoilt(given=lambda x, k, lam: (x, k - 1, lam)), "D has shape (4, 4), the instance needs"),
    "a sample too few": (spoilt(Z=lambda Z: Z[1:]), "Z has shape (59, 5)"),
    "twice the penalty": (spoilt(given=lambda x, k, lam: (x, k, 2 * lam)), "its λ reads 2 times the one asked for"),
    "half the penalty": (spoilt(given=lambda x, k, lam: (x, k, lam / 2)), "its λ reads 0.5 times"),
    "a penalty off by 1e-6": (spoilt(given=lambda x, k, lam: (x, k, lam * (1 + 1e-6))), "codes residual"),
    "signed codes": (spoilt(D=np.negative, Z=np.negative), "codes must be ≥ 0, and z["),
    "long atoms": (spoilt(D=lambda D: 2 * D, Z=lambda Z: Z / 2), "has norm 2: divide atoms by their norms"),
    "other data": (spoilt(given=lambda x, k, lam: (x[::-1].copy(), k, lam)), "small is uncertified: codes residual"),
    "other scale": (spoilt(given=lambda x, k, lam: (2 * x, k, 2 * lam)), "small is uncertified: codes residual"),
    "a bias": (spoilt(b=lambda b: np.ones(4)), "b is not zero where no bias is free"),
    "single precision": (spoilt(D=np.float32, Z=np.float32), "norms residual"),
    "two of three": (lambda x, k, lam: sound(x, k, lam)[:2], "returned tuple, expected (D, b, Z)"),
    "nothing": (lambda x, k, lam: None, "returned NoneType, expected (D, b, Z)"),
    "no numbers": (lambda x, k, lam: ("D", None, "Z"), "entries of type <U1"),
}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("fault", FAULTS)
def test_every_law_fails_at_a_fault_and_says_why(fault):
    solver, said = FAULTS[fault]
    judged = laws(solver, instances=SMALL)
    found = failures(judged)
    assert found.keys() == {law.id for law in judged}
    assert said in found[SOLUTION]
    assert not any(line.startswith("Law") and "not judged on small" not in line for line in list(found.values())[1:])


SEEN = {  # what a trainer's fault does to the laws that show it
    "twice the penalty": {"A1", "A5"},
    "half the penalty": {"A1", "A5"},
    "other data": {"A1", "A3", "A5"},
    "other scale": {"A1", "A5"},
}


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS if fault not in ("single precision", "a penalty off by 1e-6")]
)
def test_a_trainer_is_held_to_the_same(fault):
    solver, said = FAULTS[fault]
    judged = laws(solver, promises="stationary parameters", instances=SMALL)
    with np.errstate(all="ignore"):
        found = failures(judged)
    if fault in SEEN:
        assert SEEN[fault] <= found.keys()
        assert "FALSIFIED, expected CONFIRMED" in found["A1"]
    else:
        assert found.keys() == {law.id for law in judged}
        assert said in found[SOLUTION]


def test_a_bias_that_is_missing():
    assert "b is None where a bias is free" in failures(laws(sound, bias=True))["A1"]


def test_an_error_of_the_solver_is_raised_once_and_then_named():
    calls = []

    def unlucky(x, k, lam):
        calls.append(k)
        raise RuntimeError("out of luck")

    solution, A1, *_ = laws(unlucky, instances=SMALL)
    with pytest.raises(RuntimeError, match="out of luck"):
        solution.check()
    with pytest.raises(BadInput, match="no solution: RuntimeError: out of luck"):
        A1.check()
    assert len(calls) == 1
    assert A1.figures == {"statement": "A1", "instances": 0}


def test_the_solver_is_called_once_for_each_instance():
    calls = []

    def counted(x, k, lam):
        calls.append(k)
        return sound(x, k, lam)

    failures(laws(counted, instances=2 * SMALL))
    assert len(calls) == 2


def test_tensors_and_an_ensemble_of_seeds():
    seeds = []

    def trainer(x, k, lam, seed):
        seeds.append(seed)
        D, _, Z = sound(x, k, lam)
        return torch.tensor(D, dtype=torch.float32, requires_grad=True), None, torch.tensor(Z, dtype=torch.float32)

    A5 = next(law for law in laws(trainer, promises="stationary parameters", instances=SMALL) if law.id == "A5")
    A5.check()
    assert seeds == [0, 1, 2]
    assert A5.figures["verdict"] == "CONFIRMED"


def test_a_subject_of_ones_own():
    own = Subject("fixed atoms", PROMISES["optimal codes"].premises & STATIONARY_PARAMETERS, judge, falsifies=False)
    judged = laws(sound, promises=own)
    assert failures(judged) == {}
    assert {"A5"} <= {law.id for law in judged} < {law.id for law in laws(sound)}


def test_a_law_with_nothing_to_say_fails():
    silent = instance(np.eye(3)[[0, 0, 0]], 1, 0.2, name="one ray")
    found = failures(laws(sound, instances=[silent]))
    assert SOLUTION not in found
    assert any("control never caught" in line for line in found.values())
    unmet = laws(sound, promises=PROMISES["nearly a joint optimum"], instances=[silent])
    assert any("vacuous on every" in line for line in failures(unmet).values())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"promises": "perfection"}, "promises 'perfection': expected 'joint optimum'"),
        ({"instances": []}, "there are none"),
        ({"instances": [instance(np.eye(2), 1, 0.1, weights=[1, 2])]}, "knows no weights"),
        ({"expected_failures": {"A99": "?"}}, "expected_failures of A99: judged are solution, A1"),
        ({"expected_failures": {"B1": "not promised"}}, "expected_failures of B1"),
    ],
)
def test_bad_usage(options, said):
    with pytest.raises(BadInput, match=said.replace("?", r"\?")):
        parametrize_with_laws(sound, **options)


@parametrize_with_laws(sound, promises="joint optimum")
def test_the_decorator(law):
    law.check()


def test_an_expected_failure_is_strict_and_of_laws_only():
    mark = parametrize_with_laws(sound, expected_failures={"A1": "a reason"})
    (A1,) = [case for case in mark.args[1] if case.id == "A1"]
    (xfail,) = [each for each in A1.marks if each.name == "xfail"]
    assert xfail.kwargs == {"reason": "a reason", "raises": LawFails, "strict": True}
    assert not any(each.name == "xfail" for case in mark.args[1] if case.id != "A1" for each in case.marks)

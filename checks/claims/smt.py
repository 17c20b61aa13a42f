"""A second proof of each statement, at small explicit dimensions, by an SMT solver.

It shares nothing with the certificates but the names of the premises that they use. These, what is `given` and the
negation of the claim go to z3 as polynomial constraints on real unknowns, entry by entry of the claim: if they
contradict each other, the claim is proved at that shape, for all weights of the samples; if not, the solution is a
counterexample. Importing this module raises MissingExtra if z3 is not installed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import product
from typing import Any

from sympy import Expr, Idx, Indexed, Pow, Symbol
from sympy.core.relational import Eq, Ge, Gt, Le, Lt, Ne, Relational

from checks.errors import MissingExtra
from theory.derive import DEFINED, conditions
from theory.expectation import E, depends_on_sample
from theory.instantiate import Indices, World
from theory.problem import FAMILY, M, marginal, neg, on, phi, pos, z
from theory.statement import Statement

try:
    import z3
except ImportError:
    raise MissingExtra("independent proofs need z3-solver: pip install 'sae-laws[proof]'") from None

Shape = tuple[int, int, int]
# (n, d, k): one or two samples, coordinates and atoms.
SHAPES: tuple[Shape, ...] = tuple(product((1, 2), repeat=3))  # type: ignore[arg-type]
TIMEOUT = 5.0  # seconds for one entry of a claim
SEEDS = (None, 1, 2)  # orders of the unknowns, tried one after another: None is the solver's own


class Result(StrEnum):
    """What the solver says of the premises together with the negation of a claim."""

    UNSAT = "unsat"  # they contradict each other: the claim is proved
    TIMEOUT = "timeout"
    SAT = "sat"  # there is a counterexample


@dataclass(frozen=True)
class Attempt:
    """The outcome at one shape (n, d, k), with the counterexample if there is one."""

    shape: Shape
    result: Result
    seconds: float
    model: Mapping[str, str] = field(default_factory=dict)


def attempts(statement: Statement, shapes: Sequence[Shape] = SHAPES, timeout: float = TIMEOUT) -> list[Attempt]:
    """The outcome at every shape at which the claim says something; none if it is not polynomial."""
    try:
        found = [attempt(statement, statement.claims, shape, timeout) for shape in shapes]
    except TypeError:
        return []
    return [each for each in found if each is not None]


def attempt(
    statement: Statement, claims: Sequence[Relational], shape: Shape, timeout: float = TIMEOUT
) -> Attempt | None:
    """Try to prove claims, those of the statement or a control's, at one shape; None if there is nothing to prove.

    The first entry that is not proved decides.
    """
    start = time.perf_counter()
    result = None
    for claim in claims:
        for problem in _entries(statement, claim, shape):
            result, model = _solve(problem, timeout)
            if result is not Result.UNSAT:
                return Attempt(shape, result, time.perf_counter() - start, model)
    return Attempt(shape, result, time.perf_counter() - start) if result else None


# --- what is asked ---------------------------------------------------------------------------------------------------


def _entries(statement: Statement, claim: Relational, shape: Shape) -> Iterator[list[Any]]:
    """For each entry of a claim, at its indices and sample: all that holds, and that the claim does not."""
    relations = [_of_objective(relation, statement) for relation in (claim, *statement.given)]
    indices = sorted({index for each in relations for index in each.free_symbols if isinstance(index, Idx)}, key=str)
    sampled = any(depends_on_sample(relation) for relation in relations)
    for at in _Symbolic(*shape).ranges(indices):
        for sample in range(shape[0]) if sampled else (None,):
            world = _Symbolic(*shape)
            stated, *given = (world.relation(relation, at, sample) for relation in relations)
            if not any(condition is False for condition in given):
                _assume_premises(world, statement)
                yield [*world.constraints, *given, z3.Not(stated)]


def _assume_premises(world: _Symbolic, statement: Statement) -> None:
    """Whatever the proof uses: residuals vanish, and quantities that are nonnegative by definition are so."""
    for premise in conditions(statement.about or FAMILY).values():
        if premise.name in statement.premises or any(proof.has(premise.symbol) for proof in statement.proofs):
            residual = _of_objective(premise.residual, statement)
            world.constraints += [value == 0 for value in world.everywhere(residual, premise.indices)]
    for symbol in DEFINED:
        if isinstance(symbol, Symbol) and any(proof.has(symbol) for proof in statement.proofs):
            world.constraints += [value >= 0 for value in world.everywhere(symbol, ())]


def _of_objective(part: Any, statement: Statement) -> Any:
    """An expression or a relation about the penalty that the statement is about; φ' stays open if it is about all."""
    if statement.about is None:
        return part
    if isinstance(part, Relational):
        return part.func(*(_of_objective(side, statement) for side in part.args), evaluate=False)
    return statement.about.specialise(part)


def _solve(constraints: Sequence[Any], timeout: float) -> tuple[Result, Mapping[str, str]]:
    orders = ("qfnra-nlsat" if seed is None else z3.With("qfnra-nlsat", shuffle_vars=True, seed=seed) for seed in SEEDS)
    share = round(1000 * timeout / len(SEEDS))
    search = z3.OrElse(*(z3.TryFor(order, share) for order in orders))
    solver = z3.Then("simplify", "propagate-values", "solve-eqs", search).solver()
    solver.set("timeout", round(1000 * timeout))
    solver.add(*constraints)
    match solver.check():
        case z3.unsat:
            return Result.UNSAT, {}
        case z3.sat:
            model = solver.model()
            return Result.SAT, {str(name): str(model[name]) for name in sorted(model.decls(), key=str)}
        case _ if "keyboard" in solver.reason_unknown():  # z3 catches the interrupt
            raise KeyboardInterrupt
        case _:
            return Result.TIMEOUT, {}


# --- expressions as polynomials --------------------------------------------------------------------------------------

COMPARISONS = {
    Eq: lambda left, right: left == right,
    Ne: lambda left, right: left != right,
    Le: lambda left, right: left <= right,
    Lt: lambda left, right: left < right,
    Ge: lambda left, right: left >= right,
    Gt: lambda left, right: left > right,
}


class _Symbolic(World):
    """A world whose values are unknowns. `constraints` says of them what their symbols say.

    For every penalty: φ'(z_j) is one nonnegative unknown for each z_j.
    """

    def __init__(self, n: int, d: int, k: int) -> None:
        self.constraints: list[Any] = []
        super().__init__(n, d, k, seed=0, definitions=DEFINED)

        # Any weights of the samples.
        self._weights = [self._draw(("weight", i), nonnegative=False) for i in range(n)]
        self.constraints = [sum(self._weights) == 1, *(weight > 0 for weight in self._weights)]

    def value(self, expr: Expr, at: Indices, sample: int | None = None) -> Any:
        match expr:
            case E():
                parts = (weight * self.value(expr.args[0], at, i) for i, weight in enumerate(self._weights))
                return sum(parts, z3.RealVal(0))
            case Idx():
                return at[expr]
            case Pow() if not expr.exp.is_Integer:
                raise TypeError(f"{expr} is not polynomial")
            case Pow() if expr.exp < 0:
                base = self.value(expr.base, at, sample)
                self.constraints.append(base != 0)
                return 1 / base ** int(-expr.exp)
            case phi() | marginal():
                t = self.value(expr.args[0], at, sample)
                return self._draw((type(expr).__name__, str(t)), nonnegative=True)
            case pos() | neg():
                t = self.value(expr.args[0], at, sample)
                t = t if isinstance(expr, pos) else -t
                return z3.If(t > 0, t, z3.RealVal(0))
            case Symbol() if expr.is_positive:
                unknown = super().value(expr, at, sample)
                self.constraints.append(unknown > 0)
                return unknown
            case _:
                return super().value(expr, at, sample)

    def relation(self, relation: Relational, at: Indices, sample: int | None) -> Any:
        left, right = (self.value(side, at, sample) for side in relation.args)
        return COMPARISONS[type(relation)](left, right)

    def ranges(self, indices: Sequence[Idx]) -> Iterator[Indices]:
        return self._ranges(indices)

    def everywhere(self, expr: Expr, indices: Sequence[Idx]) -> list[Any]:
        """expr at all values of its indices and at all samples."""
        samples = range(self.n) if depends_on_sample(expr) else (None,)
        return [self.value(expr, at, sample) for at in self._ranges(indices) for sample in samples]

    def _indexed(self, expr: Indexed, at: Indices, sample: int | None) -> Any:
        if expr.base == on:
            return z3.If(self._indexed(z[expr.indices], at, sample) > 0, z3.RealVal(1), z3.RealVal(0))
        return super()._indexed(expr, at, sample)

    def _length_within_one(self, key: tuple) -> Any:
        return 1  # what is in the unit ball is said of its room

    def _draw(self, key: tuple, *, nonnegative: bool, positive: bool = False) -> Any:
        if key[0] == str(M):
            # Prefixes that grow by one atom each.
            prefix, atom = key[1]
            return z3.RealVal(int(atom <= prefix))
        if key not in self._drawn:
            self._drawn[key] = z3.Real(" ".join(str(part) for part in key if part is not None))
            if nonnegative:
                self.constraints.append(self._drawn[key] >= 0)
        return self._drawn[key]

"""Cases: what is drawn to break statements. A spec, exact points of it, and companions of these.

Exact points come from the joint solver on drawn specs and from specs built backwards from their solution, where no
solver is involved. Most bring a companion: a metamorphic relation, or the same point with one atom split in two.
What is drawn of a statement depends on what its relations speak of.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

from checks.errors import BadInput
from checks.instances import families
from checks.instances.companions import with_split_atom
from checks.instances.metamorphic import MetamorphicRelation
from checks.instances.spec import Spec
from checks.instances.stationary import Stationary
from checks.instances.strategies import Bounds, atoms_between, metamorphic_relations, specs, stationary_specs
from checks.judging.findings import expected
from checks.judging.subjects import EXACT, OF_THE_BIAS
from checks.judging.verdict import Verdict
from checks.problem.point import Point
from checks.solvers.codes import codes
from checks.solvers.optimum import exact_optimum
from theory.problem import BATCH_TOP_K, L1, MATRYOSHKA, NORM_WEIGHTED, OBJECTIVES, TOP_K, Limit, Objective, lam2, off
from theory.statement import Statement, under

T = TypeVar("T")
DrawnSpec = Spec | Stationary

MIN_LAM = 1e-3  # below this a solver may run out of iterations before it is exact
# Objectives with laws of their own, and how small their problems are kept: they are solved by general means.
OTHERS = (BATCH_TOP_K, TOP_K, MATRYOSHKA, NORM_WEIGHTED)
SMALL: Mapping[str, Any] = {"max_n": 8, "max_d": 3, "max_k": 3, "min_lam": 0.01, "max_lam": 1.0}
UNBIASED = EXACT.premises - OF_THE_BIAS


@dataclass(frozen=True)
class SplitAtom:
    """The companion with one atom more: a copy of the busiest one takes over half of its code."""

    def point(self, point: Point) -> Point:
        return with_split_atom(point)


@dataclass(frozen=True)
class Reprice:
    """The companion with every sample once more at `by` times its λ, without weight, so that the atoms stay optimal."""

    by: float

    def point(self, point: Point) -> Point:
        i, twice = point.instance, np.repeat(np.arange(point.instance.n), 2)
        again = np.arange(2 * i.n) % 2 == 1
        lam = np.where(again, self.by, 1.0) * i.lam[twice]
        problem = replace(i, x=i.x[twice], lam=lam, weights=np.where(again, 0.0, i.weights[twice]))
        Z = point.Z[twice]
        Z[again] = codes(i.x - point.b, point.D, self.by * i.lam).Z
        return Point(problem, point.D, point.b, Z)


@dataclass(frozen=True)
class Oppose:
    """The companion with the opposite of the busiest atom, both on by about its mean code: they cancel.

    At λ = 0 this is for free. There is a sample more, without weight, that has nothing but these two in it.
    """

    def point(self, point: Point) -> Point:
        i, busiest = point.instance, int(np.argmax((point.Z > 0).sum(axis=0)))
        both = 2.0 ** np.frexp(point.Z[:, busiest].mean())[1]  # times a number exact, so that nothing at all is left
        Z = np.vstack([point.Z, np.zeros(i.k)])
        Z = np.column_stack([Z, np.full(i.n + 1, both)])
        Z[:, busiest] += both
        D = np.column_stack([point.D, -point.D[:, busiest]])
        x, lam, weights = np.vstack([i.x, point.b]), np.append(i.lam, 0.0), np.append(i.weights, 0.0)
        return Point(replace(i, x=x, lam=lam, weights=weights, k=i.k + 1), D, point.b, Z)


Companion = MetamorphicRelation | SplitAtom | Reprice | Oppose


@dataclass(frozen=True)
class Case:
    """A drawn spec, and a companion of its solution; its repr is Python that builds it again."""

    spec: DrawnSpec
    companion: Companion | None = None

    @property
    def objective(self) -> Objective:
        """What is minimised."""
        return OBJECTIVES[self.spec.objective] if isinstance(self.spec, Spec) else self.spec.minimised

    @property
    def names(self) -> list[str]:
        """Of the solution, and of its companion if there is to be one."""
        return list(dict.fromkeys((repr(Case(self.spec)), repr(self))))

    def points(self) -> Iterator[tuple[str, Point]]:
        """The solution and its companion, each with its name; the companion only if it is asked for."""
        solution = solved(self.spec)
        yield repr(Case(self.spec)), solution
        if self.companion is not None:
            yield repr(self), self.companion.point(solution)

    def __repr__(self) -> str:
        return f"Case({self.spec!r})" if self.companion is None else f"Case({self.spec!r}, {self.companion!r})"


def case_of(name: str) -> Case:
    """The case that a name describes: a call of known classes on literals, nothing else is evaluated.

    Raises BadInput if it is anything else.
    """
    try:
        case = _built(ast.parse(name, mode="eval").body)
    except (SyntaxError, TypeError, ValueError, RecursionError, MemoryError):
        case = None
    if not (isinstance(case, Case) and isinstance(case.spec, DrawnSpec)):
        raise BadInput(f"{name!r}: expected the description of an instance, such as Case(StationaryRays(n=2, …))")
    return case


def _built(node: ast.expr) -> Any:
    known = {name: getattr(families, name) for name in families.__all__} | {
        each.__name__: each for each in (Case, SplitAtom, Reprice, Oppose)
    }
    match node:
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords) if name in known:
            named = {str(keyword.arg): _built(keyword.value) for keyword in keywords}
            return known[name](*map(_built, arguments), **named)
        case _:
            return ast.literal_eval(node)


def solved(spec: DrawnSpec) -> Point:
    """An exact point of a spec: by construction, or from the solver."""
    return exact_optimum(spec.build(), seed=0) if isinstance(spec, Spec) else spec.point()


@st.composite
def cases_of(draw: st.DrawFn, drawn: st.SearchStrategy[DrawnSpec]) -> Case:
    """Cases of drawn specs, most of them with a companion."""
    spec = draw(drawn)
    match draw(st.sampled_from(_kinds_of_companion(spec))):
        case "metamorphic":
            return Case(spec, draw(metamorphic_relations(spec.build())))
        case "split":
            return Case(spec, SplitAtom())
        case "repriced":
            return Case(spec, draw(repricings()))
        case "opposed":
            return Case(spec, Oppose())
        case _:
            return Case(spec)


def _kinds_of_companion(spec: DrawnSpec) -> tuple[str, ...]:
    if Case(spec).objective is not L1:
        return ("alone", "metamorphic")
    without_price = getattr(spec, "lam", None) == 0
    return ("alone", "metamorphic", "opposed") if without_price else ("alone", "metamorphic", "split", "repriced")


def repricings() -> st.SearchStrategy[Reprice]:
    """Companions at other prices."""
    return st.builds(Reprice, st.sampled_from((2.0, 4.0, 10.0)))


def drawn_of(objective: Objective, *, biased: bool = False, **sizes: Any) -> st.SearchStrategy[DrawnSpec]:
    """Specs of an objective, solved ones and ones built backwards; if `biased`, with a free bias alone.

    Of other objectives than L1 they are small. One limit for all samples needs equal weights.
    """
    if objective is not L1:
        sizes = _small(sizes)
    scale = {} if objective.scales_with_data else {"min_scale": 1.0, "max_scale": 1.0}  # φ has a unit of its own
    built = stationary_specs(objective, biased=biased, **sizes)
    if sizes.get("max_lam", MIN_LAM) < MIN_LAM:
        return built
    solved = specs(
        **({"min_lam": MIN_LAM} | sizes | scale),
        biases=st.just(True) if biased else None,
        weights=st.just("equal") if objective.limit is Limit.BATCH else None,
        objectives=st.just(objective.key),
    )
    return built | solved


def _small(sizes: Mapping[str, Any]) -> dict[str, Any]:
    return {**sizes, **{name: min(limit, sizes.get(name, limit)) for name, limit in SMALL.items()}}


def quickly_drawn_of(objective: Objective, **bounds: Any) -> st.SearchStrategy[DrawnSpec]:
    """The same without what general means would have to solve."""
    return drawn_of(objective, **bounds) if objective is L1 else stationary_specs(objective, **_small(bounds))


def cases_about(
    statement: Statement, drawn_of: Callable[..., st.SearchStrategy[DrawnSpec]] = drawn_of, **sizes: Any
) -> st.SearchStrategy[Case]:
    """Cases at whose points a statement is claimed, and has something to say as far as its relations tell.

    Prices are compared where samples are repeated at others; that an atom implies another one is true of its parts.
    """
    if not under(statement, L1):
        return cases_of(st.one_of(_of_objectives_that_claim(statement, drawn_of, sizes)))
    drawn = drawn_of(L1, biased=not is_claimed(statement, biased=False), **sizes)
    if any(relation.has(lam2) for relation in (*statement.claims, *statement.given)):
        between = atoms_between(Bounds(**sizes))
        mostly_between = st.integers(0, 4).flatmap(lambda n: between if n and not between.is_empty else drawn)
        return st.builds(Case, mostly_between, repricings())
    if any(condition.has(off) for condition in statement.given):
        return cases_of(drawn) | st.builds(Case, drawn, st.just(SplitAtom()))
    return cases_of(drawn)


def _of_objectives_that_claim(
    statement: Statement, quickly: Callable[..., st.SearchStrategy[DrawnSpec]], sizes: Mapping[str, Any]
) -> list[st.SearchStrategy[DrawnSpec]]:
    """Specs of those objectives that claim a statement; those without laws of their own have to be solved."""
    claiming = [each for each in OBJECTIVES.values() if under(statement, each)]
    own = [quickly(each, **sizes) for each in claiming if each in OTHERS]
    return own or [drawn_of(each, **sizes) for each in claiming]


class SeedAlone(HypothesisProvider):
    """Draws that follow from the seed: Hypothesis itself also tries numbers that it finds in whatever is imported."""

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS["saelaws"] = SeedAlone


def draws(strategy: st.SearchStrategy[T], examples: int, seed: int | str) -> list[T]:
    """Up to this many distinct values of a strategy, told apart by their repr."""
    drawn: dict[str, T] = {}
    if not examples:
        return []

    @hypothesis.seed(seed)
    @settings(
        max_examples=examples,
        backend="saelaws",
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),  # nothing is tested while drawing
    )
    @given(strategy)
    def collect(value: T) -> None:
        drawn[repr(value)] = value

    collect()
    return list(drawn.values())


# --- what is expected there ------------------------------------------------------------------------------------------


@cache
def wanted(statement: Statement, biased: bool) -> Verdict | None:
    """What is expected of a statement at an exact point, with or without a free bias."""
    return expected(statement, EXACT, EXACT.premises if biased else UNBIASED)


def is_claimed(statement: Statement, biased: bool) -> bool:
    """Whether a counterexample at an exact point, with or without a free bias, counts against a statement.

    One without a proof is a claim about points at which all is stationary, the bias too, unless it says that the bias
    is fixed.
    """
    refuted = statement.counterexample is not None
    return wanted(statement, biased) is Verdict.CONFIRMED or (refuted and (biased or statement.fixed_bias))

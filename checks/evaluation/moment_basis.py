"""The moments that claims need, each once: E-monomials in a canonical form.

Claims are written for readers, so that the same mean comes in many spellings: E[r_a z_l] and E[r_a z_j], E[off_j r_a]
and E[r_a] − E[on_j r_a]. Here every mean is expanded by `theory.normal_form` and put together again by four rules:

    off → 1 − on, neg(t) → pos(t) − t, x − b − Dz → r;
    Σ_m D_am z_m → x̂_a, which is x − b − r beside an atom or r, and D times the mean of z by itself;
    what does not depend on the sample leaves the mean, unless the rank of the mean would rise;
    unless, again, the larger mean is needed anyway.

What comes out says the same as the claim, symbol for symbol of algebra, and its value is the same but for rounding.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Add, Expr, Idx, Indexed, Mul, S, Sum, Symbol

from checks.evaluation.lowering import Named
from checks.evaluation.spelling import indices, label
from theory.expectation import E, depends_on_sample
from theory.normal_form import Definitions, collect
from theory.problem import D, G, b, d, error, k, off, on, r, x, xhat, z

# Letters of a moment's own indices and of those it sums over, by the length of their axis.
OWN = {"d": "ac", "k": "jlm", "p": "q", "g": "gh"}
DEFINED: Definitions = {off: lambda i: 1 - on[i]}
WRITTEN_OUT: Definitions = {**DEFINED, G: lambda i, o: Sum(D[Idx("y", d), i] * D[Idx("y", d), o], Idx("y", d))}


@dataclass(frozen=True, eq=False)
class Basis:
    """Expressions written in terms of few moments.

    forms     each expression as it was given → what is evaluated in its place
    spellings each mean that occurs in a form → its moment, and the names that the moment's axes have there
    """

    forms: Mapping[Expr, Expr]
    spellings: Mapping[E, tuple[E, Mapping[str, str]]]

    @cached_property
    def moments(self) -> tuple[E, ...]:
        """The distinct moments, in order of first use."""
        return tuple(dict.fromkeys(moment for moment, _ in self.spellings.values()))

    def means(self, values: Mapping[E, Named]) -> dict[Expr, Named]:
        """The value of each mean that the forms mention, from those of the moments. Nothing is copied."""
        return {
            spelling: Named(values[moment].array, tuple(names.get(axis, axis) for axis in values[moment].axes))
            for spelling, (moment, names) in self.spellings.items()
            if moment in values
        }

    def moments_of(self, expressions: Iterable[Expr]) -> tuple[E, ...]:
        """The moments that some of the expressions need."""
        return tuple(dict.fromkeys(moment for expression in expressions for moment in self._of_each[expression]))

    @cached_property
    def _of_each(self) -> dict[Expr, list[E]]:
        return {one: [self.spellings[mean][0] for mean in form.atoms(E)] for one, form in self.forms.items()}


def basis(expressions: Iterable[Expr], kept: Iterable[E] = ()) -> Basis:
    """The moments of all expressions together. kept: means that are moments as they stand."""
    asked = tuple(dict.fromkeys(expressions))
    lean = {expression: canonical(expression) for expression in asked}
    known = frozenset(_own_names(mean)[0] for form in lean.values() for mean in form.atoms(E))
    forms = {expression: canonical(expression, known) for expression in asked}
    forms |= {mean: mean for mean in kept}
    spellings = {mean: _own_names(mean) for form in forms.values() for mean in form.atoms(E)}
    return Basis(forms, spellings)


@lru_cache(maxsize=4096)
def canonical(expression: Expr, known: frozenset[E] = frozenset()) -> Expr:
    """The expression with every mean in canonical form. known: moments that are there anyway."""
    if isinstance(expression, E):
        return _canonical_mean(expression, known)
    if isinstance(expression, Sum) and (merged := _merged(expression)) is not None:
        return _canonical_mean(merged, known)
    if not expression.args or isinstance(expression, (Indexed, Idx)) or not expression.has(E):
        return expression
    if isinstance(expression, Sum):
        return Sum(canonical(expression.function, known), *(limit[0] for limit in expression.limits))
    return expression.func(*(canonical(part, known) for part in expression.args))


def per_sample_form(expression: Expr) -> Expr:
    """An expression without means, expanded so that no product has more axes than its own and those of one factor."""
    return Add(*(_reconstructed(term) for term in Add.make_args(collect(_with_residual(expression), WRITTEN_OUT))))


def most_axes(expression: Expr) -> int:
    """Of the largest array that its evaluation forms, samples included; a contraction costs one axis more than it has.

    So a matrix product counts as a matrix, as one that has to be added to another does.
    """
    own = len(indices(expression)) + depends_on_sample(expression)
    if isinstance(expression, (Indexed, Idx)) or not expression.args:
        return own
    if isinstance(expression, Sum):
        return max(own, *(_contraction(term, len(expression.limits)) for term in Add.make_args(expression.function)))
    return max(own, *map(most_axes, expression.args))


def _contraction(term: Expr, summed: int) -> int:
    """Of a product under a sum over so many indices."""
    joint = len(indices(term)) + depends_on_sample(term) - 1
    return max(joint, *map(most_axes, Mul.make_args(term)))


# --- one mean --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Monomial:
    """coefficient × Σ over `summed` of Π outer × E[Π inner]."""

    coefficient: Expr
    outer: tuple[Expr, ...]
    inner: tuple[Expr, ...]
    summed: frozenset[Idx]

    @property
    def axes(self) -> set[Idx]:
        """The indices of its mean."""
        return indices_of(self.inner)

    def written(self) -> Expr:
        mean = E(Mul(*self.inner)) if self.inner else S.One
        there = indices_of((*self.outer, *self.inner))
        body = Mul(*self.outer, mean)
        own = sorted(self.summed & there, key=label)
        sizes = Mul(*(index.upper + 1 for index in self.summed - there))
        return self.coefficient * sizes * (Sum(body, *own) if own else body)


def _canonical_mean(mean: Expr, known: frozenset[E]) -> Expr:
    written = collect(_with_residual(mean), DEFINED)
    return Add(*(part.written() for term in Add.make_args(written) for part in _settled(_parsed(term), known)))


def _settled(term: _Monomial, known: frozenset[E]) -> Iterator[_Monomial]:
    term = _with_reconstruction(term)
    for part in _without_reconstruction(term):
        yield _folded(part, known)


def _parsed(term: Expr) -> _Monomial:
    coefficient, outer, inner, summed = S.One, list[Expr](), list[Expr](), set[Idx]()
    factors = list(Mul.make_args(term))
    while factors:
        factor = factors.pop()
        if isinstance(factor, Sum):
            summed |= {limit[0] for limit in factor.limits}
            factors += Mul.make_args(factor.function)
        elif isinstance(factor, E):
            inner += Mul.make_args(factor.args[0])
        elif factor.is_number:
            coefficient = coefficient * factor
        else:
            outer.append(factor)
    return _Monomial(coefficient, tuple(outer), tuple(inner), frozenset(summed))


def _with_reconstruction(term: _Monomial) -> _Monomial:
    """Σ_m D_am z_m, where m occurs nowhere else, as x̂_a."""
    for m in sorted(term.summed, key=label):
        having = [factor for factor in (*term.outer, *term.inner) if m in indices(factor)]
        atoms = [factor for factor in having if isinstance(factor, Indexed) and factor.base == D]
        if len(having) == 2 and len(atoms) == 1 and z[m] in having and z[m] in term.inner:
            outer = tuple(factor for factor in term.outer if factor is not atoms[0])
            inner = (*(factor for factor in term.inner if factor != z[m]), xhat[atoms[0].indices[0]])
            return _with_reconstruction(_Monomial(term.coefficient, outer, inner, term.summed - {m}))
    return term


def _without_reconstruction(term: _Monomial) -> Iterator[_Monomial]:
    """x̂ as x − b − r beside an atom's own quantities or the residual, and as Dz if it stands by itself.

    E[rrᵀ] is a square, which takes half the time of a product, and E[r xᵀ] is needed anyway.
    """
    at = next((n for n, factor in enumerate(term.inner) if isinstance(factor, Indexed) and factor.base == xhat), None)
    if at is None:
        yield term
        return
    index, rest = term.inner[at].indices[0], (*term.inner[:at], *term.inner[at + 1 :])
    axes = indices_of(rest)
    beside_residual = len(rest) == 1 and rest[0].has(r) and index not in axes
    if beside_residual or any(index.upper + 1 == k for index in axes):
        for sign, inside, outside in ((1, (x[index],), ()), (-1, (r[index],), ()), (-1, (), (b[index],))):
            outer, inner = (*term.outer, *outside), (*rest, *inside)
            yield from _without_reconstruction(_Monomial(sign * term.coefficient, outer, inner, term.summed))
    elif not axes:
        m = _fresh("k", (*term.outer, *term.inner), term.summed)
        yield _Monomial(term.coefficient, (*term.outer, D[index, m]), (*rest, z[m]), term.summed | {m})
    else:
        yield term


def _folded(term: _Monomial, known: frozenset[E]) -> _Monomial:
    """The monomial with sums taken inside its mean, where outside they would raise its rank."""
    for index in sorted(term.summed & term.axes, key=lambda index: (label(index.upper + 1) != "d", label(index))):
        moved = [factor for factor in term.outer if index in indices(factor)]
        inside = [factor for factor in term.inner if index in indices(factor)]
        if _stays_outside(term, index, moved, inside, known):
            continue
        outer = tuple(factor for factor in term.outer if factor not in moved)
        rest = tuple(factor for factor in term.inner if factor not in inside)
        inner = (*rest, Sum(Mul(*moved, *inside), index))
        term = _Monomial(term.coefficient, outer, inner, term.summed - {index})
    return term


def _stays_outside(
    term: _Monomial, index: Idx, moved: Sequence[Expr], inside: Sequence[Expr], known: frozenset[E]
) -> bool:
    if moved and _own_names(E(Mul(*term.inner)))[0] in known:
        return True
    other = term.axes - {index}
    beside = (indices_of(moved) - {index}) - term.summed
    if not {_kind(axis) for axis in other} <= {"k", "d"} or len(other) > 1 or _kind(index) in map(_kind, other):
        return False  # the mean would have more than one axis of a kind
    if not other and not beside:
        return bool(moved) or _kind(index) == "k"
    return not beside <= other  # inside, the sum would have an axis that the mean does not have


# --- indices ---------------------------------------------------------------------------------------------------------


def _with_residual(expression: Expr) -> Expr:
    """x − b − Dz as r, whatever its index is called."""
    errors = {error(index): r[index] for index in expression.atoms(Idx) if index.upper + 1 == d}
    return expression.xreplace(errors)


def _merged(total: Sum) -> Expr | None:
    """Σ of sample-free factors times one mean, as one mean; None if it is not that."""
    factors = Mul.make_args(total.function)
    means = [factor for factor in factors if isinstance(factor, E)]
    others = [factor for factor in factors if not isinstance(factor, E)]
    if len(means) != 1 or any(other.has(E) for other in others):
        return None
    return E(Sum(Mul(*others, means[0].args[0]), *(limit[0] for limit in total.limits)))


def _reconstructed(term: Expr) -> Expr:
    """A term of a per-sample expression with x̂ for Dz."""
    parsed = _parsed(term)
    free = [factor for factor in parsed.outer if not depends_on_sample(factor)]
    sampled = [factor for factor in parsed.outer if depends_on_sample(factor)]
    found = _with_reconstruction(_Monomial(parsed.coefficient, tuple(free), tuple(sampled), parsed.summed))
    factors = (*found.outer, *found.inner)
    return found.coefficient * Mul(*_connected(factors, found.summed))


def _connected(factors: Sequence[Expr], summed: frozenset[Idx]) -> Iterator[Expr]:
    """A product of sums as sums over as few factors as there can be: Σ_a Σ_j f_a g_j = (Σ_a f_a)(Σ_j g_j)."""
    groups: list[tuple[set[Idx], list[Expr]]] = []
    for factor in factors:
        own, parts = indices(factor) & summed, [factor]
        for group in [group for group in groups if group[0] & own]:
            groups.remove(group)
            own, parts = own | group[0], [*group[1], *parts]
        groups.append((own, parts))
    for own, parts in groups:
        yield Sum(Mul(*parts), *sorted(own, key=label)) if own else Mul(*parts)
    yield from (index.upper + 1 for index in summed - indices_of(factors))


@lru_cache(maxsize=4096)
def _own_names(mean: E) -> tuple[E, Mapping[str, str]]:
    """A mean with letters of its own, and what each of those is called in the mean that was given."""
    letters = {axis: iter(pool) for axis, pool in OWN.items()}
    own = {index: Idx(next(letters[_kind(index)]), index.upper + 1) for index in sorted(indices(mean), key=label)}
    return _renamed(mean, own), {label(new): label(old) for old, new in own.items() if new != old}


def _renamed(expression: Expr, names: Mapping[Idx, Idx], depth: int = 0) -> Expr:
    """Indices by their new names, and those that are summed over by the length of their axis and their depth."""
    if isinstance(expression, Idx):
        return names.get(expression, expression)
    if isinstance(expression, Indexed):
        return expression.base[tuple(names.get(index, index) for index in expression.indices)]
    if isinstance(expression, Sum):
        old = [limit[0] for limit in expression.limits]
        new = [Idx(f"{_kind(index)}{depth + n}", index.upper + 1) for n, index in enumerate(old)]
        return Sum(_renamed(expression.function, {**names, **dict(zip(old, new))}, depth + len(old)), *new)
    if not expression.args:
        return expression
    return expression.func(*(_renamed(part, names, depth) for part in expression.args))


def _fresh(kind: str, factors: Sequence[Expr], summed: Collection[Idx]) -> Idx:
    taken = {label(index) for index in (*indices_of(factors), *summed)}
    letter = next(letter for letter in "motuv" if letter not in taken)
    return Idx(letter, Symbol(kind, integer=True, positive=True))


def _kind(index: Idx) -> str:
    return label(index.upper + 1)


def indices_of(factors: Iterable[Expr]) -> set[Idx]:
    return {index for factor in factors for index in indices(factor)}

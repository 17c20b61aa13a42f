"""Parts of certificates as expressions, and certificates as text in the language of a statement file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from sympy import Add, Expr, Idx, Indexed, KroneckerDelta, Mul, Rational, Sum, Symbol
from sympy.printing.str import StrPrinter

from checks.claims.columns import Multiple, Square
from checks.claims.monomials import Monomial, axis, indices, is_summed
from checks.claims.signs import template_of
from theory.derive import PREMISES
from theory.expectation import E
from theory.normal_form import DELTA, DIMENSION, MEAN, Leaf, base_name

# Letters for summed indices by axis; those of `theory.problem` come first, so that few have to be introduced.
LETTERS = {
    "d": ("a", "c", "e", "f", "h", "y"),
    "k": ("j", "l", "m", "i", "o", "t"),
    "p": ("q", "p"),
    "g": ("g", "n"),
}
KNOWN = frozenset({"a", "c", "j", "l", "m", "q", "g"})


def written(part: Multiple | Square, free: Mapping[str, Idx]) -> Expr:
    """A part of a certificate as an expression. free: the letters that keep their meaning."""
    if isinstance(part, Multiple):
        return Add(*(Rational(v.numerator, v.denominator) * _summed(term, free) for term, v in part.terms))
    return _square(part, free)


def _summed(monomial: Monomial, free: Mapping[str, Idx]) -> Expr:
    names = _named([monomial], free)
    summed = sorted(i for i in indices(monomial) if is_summed(i))
    body = _product(monomial, names)
    return Sum(body, *(names[i] for i in summed)) if summed else body


def _square(square: Square, free: Mapping[str, Idx]) -> Expr:
    """Σ weight · (Σ coefficient · vector)²"""
    weight = square.weight
    whole = tuple(weight.around(()).items())
    open_ = sorted(i for i in weight.indices.union(*(indices(vector) for vector, _ in square.vectors)) if "@" in i)
    names = _named([whole, *(vector for vector, _ in square.vectors)], free, first=open_)
    root = Add(*(value * _vector(vector, names) for vector, value in square.vectors))
    body = root**2
    if weight.inner is not None:
        body = E(_product(weight.inner, names) * body)
    body = _product(weight.outer, names) * body
    return Sum(body, *(names[i] for i in open_)) if open_ else body


def _vector(vector: Monomial, names: dict[str, Idx]) -> Expr:
    summed = sorted(i for i in indices(vector) if is_summed(i))
    body = _product(vector, names)
    return Sum(body, *(names[i] for i in summed)) if summed else body


def _named(monomials: Iterable[Monomial], free: Mapping[str, Idx], first: Iterable[str] = ()) -> dict[str, Idx]:
    """A letter for each index that has none: one that no condition around it sums over."""
    monomials = list(monomials)
    names = dict(free)
    used = {str(index) for index in free.values()} & set().union(*map(indices, monomials))
    others = {i for monomial in monomials for i in indices(monomial) if is_summed(i) or "@" in i}
    for index in (*first, *sorted(others - set(first))):
        taken = used | {letter for monomial in monomials for letter in _captured(monomial, index)}
        letter = next(letter for letter in LETTERS[axis(index)] if letter not in taken)
        used.add(letter)
        names[index] = Idx(letter, Symbol(axis(index), integer=True, positive=True))
    return names


def _captured(monomial: Monomial, index: str) -> set[str]:
    """The letters that conditions with this index, and positive parts, sum over inside."""
    found: set[str] = set()
    for (name, _, inside), _power in monomial:
        if name == MEAN:
            found |= _captured(inside, index)
        elif name.startswith(("pos(", "neg(")):
            found |= {i for i in inside if not is_summed(i)}
        elif index in inside:
            found |= _bound(base_name(name))
    return found


@cache
def _bound(name: str) -> frozenset[str]:
    premise = PREMISES.get(name)
    if premise is None:
        return frozenset()
    return frozenset(str(index) for index in premise.residual.atoms(Idx) - set(premise.indices))


def _product(powers: Iterable[tuple[Leaf, int]], names: Mapping[str, Idx]) -> Expr:
    return Mul(*(_factor(leaf, names) ** power for leaf, power in powers))


def _factor(leaf: Leaf, names: Mapping[str, Idx]) -> Expr:
    name, _, inside = leaf
    if name == MEAN:
        return E(_product(inside, names))
    if name == DELTA:
        return KroneckerDelta(*(names[index] for index in inside))
    if name.startswith(DIMENSION):
        return Symbol(name.removeprefix(DIMENSION), integer=True, positive=True)
    return template_of(name).xreplace({Symbol(f"_{n}"): names[index] for n, index in enumerate(inside)})


# --- text ------------------------------------------------------------------------------------------------------------


class _Statement(StrPrinter):
    """Prints expressions as they are written in a statement file."""

    printmethod = "_as_in_a_statement"  # no expression prints itself in another way

    def _print_Indexed(self, expr: Indexed) -> str:
        return f"{expr.base.label}[{', '.join(map(self._print, expr.indices))}]"

    def _print_Idx(self, expr: Idx) -> str:
        return str(expr.label)

    def _print_Sum(self, expr: Sum) -> str:
        return f"Sum({self._print(expr.function)}, {', '.join(str(limit[0]) for limit in expr.limits)})"

    def _print_E(self, expr: E) -> str:
        return f"E({self._print(expr.args[0])})"

    def _print_Symbol(self, expr: Symbol) -> str:
        return {"lambda": "lam", "lambda2": "lam2"}.get(expr.name, expr.name)

    def _print_Rational(self, expr: Expr) -> str:
        return f"Rational({expr.p}, {expr.q})" if expr.q != 1 else str(expr.p)


def as_source(proofs: Sequence[Expr]) -> str:
    """Certificates as `proof=` of a statement file, after lines for the indices that they introduce."""
    letters = {str(i): str(i.upper + 1) for proof in proofs for i in proof.atoms(Idx)}
    introduced = [f'{name} = Idx("{name}", {letters[name]})' for name in sorted(letters.keys() - KNOWN)]
    printer = _Statement({"order": "none"})
    texts = [printer.doprint(proof) for proof in proofs]
    lines = [f"proof={texts[0]},"] if len(texts) == 1 else ["proof=(", *(f"    {each}," for each in texts), "),"]
    return "\n".join([*introduced, *lines])

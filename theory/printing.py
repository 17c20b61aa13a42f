"""Statements in the paper's notation: as text for a terminal, as LaTeX, and as MathML for a page.

What a formula looks like is decided once, in `_Notation`: sums carry no limits, Σ_a D_aj r_a is the inner product
d_j·r, a sum of squares is a squared norm, subtractions come after additions. Three printers, each one of SymPy's with
the notation mixed in, supply the marks. What the notation does not know, such as a logarithm, SymPy prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import Any, NamedTuple
from unicodedata import normalize

from sympy import (
    Add,
    Basic,
    Expr,
    Function,
    Idx,
    Indexed,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    fraction,
)
from sympy.core.relational import Relational
from sympy.printing.latex import LatexPrinter, translate
from sympy.printing.mathml import MathMLPresentationPrinter
from sympy.printing.pretty.pretty_symbology import greek_unicode
from sympy.printing.str import StrPrinter

from theory.expectation import E
from theory.problem import L1, D, D_dot, Objective, d, norm, z

Mark = Any  # what a printer builds formulas from: str, or an XML element
RELATIONS = {"==": "=", "<=": "≤", ">=": "≥", "<": "<", ">": ">", "!=": "≠"}
EVENTS = {"on": ">", "off": "="}  # of the code z_j, set against 0
COMBINING = {"": "", "^": "\N{COMBINING CIRCUMFLEX ACCENT}", "˙": "\N{COMBINING DOT ABOVE}"}
LATEX_ACCENTS = {"": "", "^": "hat", "˙": "dot"}
LATEX_OPERATORS = {"≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "−": "-", "·": r"\cdot"}
LATEX_FENCES = {"‖": r"\|", "{": r"\{", "}": r"\}"}


def text(expr: Basic) -> str:
    """One line of Unicode, such as E[r_a z_j] = E[z_j φ'(z_j)] D_aj."""
    return _Text().doprint(expr)


def latex(expr: Basic) -> str:
    """LaTeX for mathematics mode."""
    return _Latex().doprint(expr)


def mathml(expr: Basic, *, block: bool = True) -> str:
    """A <math> element in presentation MathML, which browsers render without help; text() is its `alttext`."""
    display = "block" if block else "inline"
    opening = f'<math xmlns="http://www.w3.org/1998/Math/MathML" display="{display}" alttext="{escape(text(expr))}">'
    return f"{opening}{_MathML().doprint(expr)}</math>"


def specialised(relation: Relational, objective: Objective = L1) -> Relational:
    """The relation for one objective: with L1, φ'(z_j) is λ."""
    return relation.func(*(objective.specialise(side) for side in relation.args), evaluate=False)


class _Notation:
    """The structure of formulas, whatever they are printed as."""

    printmethod = "_as_in_the_paper"  # no expression overrides the notation with a method of its own
    _hidden: frozenset[Idx] = frozenset()
    _print: Any

    # --- the marks, one set for each printer ---

    def _row(self, *parts: Mark) -> Mark:
        raise NotImplementedError

    def _operator(self, symbol: str) -> Mark:
        raise NotImplementedError

    def _times(self) -> Mark:
        raise NotImplementedError

    def _name(self, name: str) -> Mark:
        raise NotImplementedError

    def _index(self, base: Mark, indices: Sequence[Idx]) -> Mark:
        raise NotImplementedError

    def _power(self, base: Mark, exponent: Mark) -> Mark:
        raise NotImplementedError

    def _over(self, numerator: Expr, denominator: Expr) -> Mark:
        raise NotImplementedError

    def _enclosed(self, left: str, inside: Mark, right: str) -> Mark:
        raise NotImplementedError

    def _sigma(self, indices: Sequence[Idx]) -> Mark:
        raise NotImplementedError

    def _prime(self, base: Mark) -> Mark:
        raise NotImplementedError

    def _signed(self, base: Mark, sign: str) -> Mark:
        raise NotImplementedError

    # --- relations, sums and products ---

    def _print_Relational(self, expr: Relational) -> Mark:
        return self._row(self._print(expr.lhs), self._operator(RELATIONS[expr.rel_op]), self._print(expr.rhs))

    def _print_Add(self, expr: Add, order: str | None = None) -> Mark:
        first, *others = sorted(expr.as_ordered_terms(), key=lambda term: bool(term.could_extract_minus_sign()))
        parts = [self._print(first)]
        for term in others:
            negative = term.could_extract_minus_sign()
            parts += [self._operator("−" if negative else "+"), self._print(-term if negative else term)]
        return self._row(*parts)

    def _print_Mul(self, expr: Mul) -> Mark:
        if expr.could_extract_minus_sign():
            return self._negative(-expr)
        numerator, denominator = fraction(expr)
        if denominator is not S.One:
            return self._over(numerator, denominator)
        factors = sorted(expr.as_ordered_factors(), key=_rank)
        parts = [self._factor(factor, last=factor is factors[-1]) for factor in factors]
        return self._row(parts[0], *(mark for part in parts[1:] for mark in (self._times(), part)))

    def _negative(self, expr: Expr) -> Mark:
        return self._row(self._name("−"), self._bracketed(expr) if isinstance(expr, Add) else self._print(expr))

    def _factor(self, expr: Expr, *, last: bool) -> Mark:
        closed = isinstance(expr, Add) or _is_inner_product(expr) or (_is_open(expr) and not last)
        return self._bracketed(expr) if closed else self._print(expr)

    def _print_Pow(self, expr: Pow, **_: Any) -> Mark:
        if isinstance(expr.exp, Rational) and not isinstance(expr.exp, Integer):
            return super()._print_Pow(expr)  # type: ignore[misc]  # a root
        if isinstance(expr.exp, Integer) and expr.exp < 0:
            return self._over(S.One, expr.base**-expr.exp)
        compound = isinstance(expr.base, (Add, Mul, Sum))
        return self._power(self._bracketed(expr.base) if compound else self._print(expr.base), self._print(expr.exp))

    def _print_Sum(self, expr: Sum) -> Mark:
        if _is_inner_product(expr):
            return self._inner_product(expr)
        if _is_squared_norm(expr):
            with self._hiding(expr.limits[0][0]):
                return self._power(self._enclosed("‖", self._print(expr.function.base), "‖"), self._print(Integer(2)))
        body = self._bracketed(expr.function) if isinstance(expr.function, Add) else self._print(expr.function)
        return self._row(self._sigma([limit[0] for limit in expr.limits]), body)

    def _inner_product(self, expr: Sum) -> Mark:
        index = expr.limits[0][0]
        free, vectors = _parted(expr.function, index)
        if free != 1:
            return self._print(Mul(free, Sum(Mul(*vectors), index)))
        with self._hiding(index):
            vectors = sorted(vectors, key=_is_atom, reverse=True)
            left, right = (self._bracketed(v) if isinstance(v, (Add, Mul, Sum)) else self._print(v) for v in vectors)
        return self._row(left, self._operator("·"), right)

    def _bracketed(self, expr: Expr) -> Mark:
        return self._enclosed("(", self._print(expr), ")")

    @contextmanager
    def _hiding(self, index: Idx) -> Iterator[None]:
        """Print vectors instead of their components."""
        before, self._hidden = self._hidden, self._hidden | {index}
        yield
        self._hidden = before

    # --- the symbols of the theory ---

    def _print_Indexed(self, expr: Indexed) -> Mark:
        name = str(expr.base.label)
        if name in EVENTS:
            event = self._row(self._print(z[expr.indices[0]]), self._operator(EVENTS[name]), self._print(S.Zero))
            return self._row(self._name("1"), self._enclosed("{", event, "}"))
        if expr.base == norm:
            return self._enclosed("‖", self._index(self._name("d"), expr.indices), "‖")
        visible = [index for index in expr.indices if index not in self._hidden]
        if _is_atom(expr) and expr.indices[0] in self._hidden:
            name = name.replace("D", "d")  # a column of the dictionary
        return self._index(self._name(name), visible) if visible else self._name(name)

    def _print_Idx(self, expr: Idx) -> Mark:
        return self._name(str(expr.label))

    def _print_Symbol(self, expr: Symbol, *_: Any, **__: Any) -> Mark:
        return self._name(expr.name)

    def _print_E(self, expr: E) -> Mark:
        return self._row(self._name("E"), self._enclosed("[", self._print(expr.args[0]), "]"))

    def _print_phi(self, expr: Expr, **_: Any) -> Mark:
        return self._row(self._name("phi"), self._bracketed(expr.args[0]))

    def _print_marginal(self, expr: Expr, **_: Any) -> Mark:
        return self._row(self._prime(self._name("phi")), self._bracketed(expr.args[0]))

    def _print_pos(self, expr: Expr, **_: Any) -> Mark:
        return self._signed(self._bracketed(expr.args[0]), "+")

    def _print_neg(self, expr: Expr, **_: Any) -> Mark:
        return self._signed(self._bracketed(expr.args[0]), "−")

    def _print_Abs(self, expr: Expr, **_: Any) -> Mark:
        return self._enclosed("|", self._print(expr.args[0]), "|")

    def _print_KroneckerDelta(self, expr: Expr, **_: Any) -> Mark:
        return self._index(self._name("delta"), expr.args[:2])


class _Text(_Notation, StrPrinter):
    def _row(self, *parts: str) -> str:
        return "".join(parts)

    def _operator(self, symbol: str) -> str:
        return symbol if symbol == "·" else f" {symbol} "

    def _times(self) -> str:
        return " "

    def _name(self, name: str) -> str:
        letter, accent, prime = _letter(name)
        return normalize("NFC", letter + COMBINING[accent]) + "'" * prime

    def _index(self, base: str, indices: Sequence[Idx]) -> str:
        return f"{base}_{''.join(self._print(index) for index in indices)}"

    def _power(self, base: str, exponent: str) -> str:
        bare = exponent if exponent.isalnum() else f"({exponent})"
        return base + {"2": "²", "3": "³"}.get(exponent, f"^{bare}")

    def _over(self, numerator: Expr, denominator: Expr) -> str:
        upper = self._bracketed(numerator) if isinstance(numerator, Add) else self._print(numerator)
        lower = self._bracketed(denominator) if isinstance(denominator, (Add, Mul, Sum)) else self._print(denominator)
        return f"{upper} / {lower}"

    def _enclosed(self, left: str, inside: str, right: str) -> str:
        return left + inside + right

    def _sigma(self, indices: Sequence[Idx]) -> str:
        return f"Σ_{''.join(self._print(index) for index in indices)} "

    def _prime(self, base: str) -> str:
        return f"{base}'"

    def _signed(self, base: str, sign: str) -> str:
        return base + {"+": "₊", "−": "₋"}[sign]


class _Latex(_Notation, LatexPrinter):
    def _row(self, *parts: str) -> str:
        return "".join(parts)

    def _operator(self, symbol: str) -> str:
        return f" {LATEX_OPERATORS.get(symbol, symbol)} "

    def _times(self) -> str:
        return r" \, "

    def _name(self, name: str) -> str:
        if name == "E":
            return r"\mathbb{E}"
        letter, accent, prime = _letter(name)
        if letter == "−":
            return "-"
        shown = rf"\mathrm{{{letter}}}" if _is_word(letter) else translate(_bare(name) + LATEX_ACCENTS[accent])
        return shown + "'" * prime

    def _index(self, base: str, indices: Sequence[Idx]) -> str:
        return f"{base}_{{{' '.join(self._print(index) for index in indices)}}}"

    def _power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def _over(self, numerator: Expr, denominator: Expr) -> str:
        return rf"\frac{{{self._print(numerator)}}}{{{self._print(denominator)}}}"

    def _enclosed(self, left: str, inside: str, right: str) -> str:
        return rf"\left{LATEX_FENCES.get(left, left)}{inside}\right{LATEX_FENCES.get(right, right)}"

    def _sigma(self, indices: Sequence[Idx]) -> str:
        return rf"\sum_{{{','.join(self._print(index) for index in indices)}}} "

    def _prime(self, base: str) -> str:
        return f"{base}'"

    def _signed(self, base: str, sign: str) -> str:
        return f"{base}_{{{'+' if sign == '+' else '-'}}}"


class _MathML(_Notation, MathMLPresentationPrinter):
    def _element(self, tag: str, *parts: Mark, **attributes: str) -> Mark:
        element = self.dom.createElement(tag)
        for name, value in attributes.items():
            element.setAttribute(name, value)
        for part in parts:
            # SymPy's text nodes are written as they are, so that what needs escaping is escaped here.
            element.appendChild(self.dom.createTextNode(escape(part)) if isinstance(part, str) else part)
        return element

    def _row(self, *parts: Mark) -> Mark:
        return self._element("mrow", *parts)

    def _operator(self, symbol: str) -> Mark:
        return self._element("mo", symbol)

    def _times(self) -> Mark:
        return self._element("mo", "\N{INVISIBLE TIMES}", lspace="0.12em", rspace="0")

    def _name(self, name: str) -> Mark:
        letter, accent, prime = _letter(name)
        if letter == "−":
            return self._element("mo", letter, form="prefix")
        if letter == "1":
            return self._element("mn", letter)
        upright = {"mathvariant": "normal"} if letter == "E" or _is_word(letter) else {}
        base = self._element("mi", letter, **upright)
        base = self._element("mover", base, self._operator(accent), accent="true") if accent else base
        return self._prime(base) if prime else base

    def _index(self, base: Mark, indices: Sequence[Idx]) -> Mark:
        return self._element("msub", base, self._row(*(self._print(index) for index in indices)))

    def _power(self, base: Mark, exponent: Mark) -> Mark:
        return self._element("msup", base, exponent)

    def _over(self, numerator: Expr, denominator: Expr) -> Mark:
        return self._element("mfrac", self._print(numerator), self._print(denominator))

    def _enclosed(self, left: str, inside: Mark, right: str) -> Mark:
        return self._row(
            self._element("mo", left, form="prefix", fence="true", stretchy="true"),
            inside,
            self._element("mo", right, form="postfix", fence="true", stretchy="true"),
        )

    def _sigma(self, indices: Sequence[Idx]) -> Mark:
        return self._element("munder", self._operator("∑"), self._row(*(self._print(index) for index in indices)))

    def _prime(self, base: Mark) -> Mark:
        return self._element("msup", base, self._operator("′"))

    def _signed(self, base: Mark, sign: str) -> Mark:
        return self._element("msub", base, self._operator(sign))


class _Letter(NamedTuple):
    """A Unicode letter or word, the accent over it, and whether it is primed."""

    letter: str
    accent: str
    prime: bool


def _letter(name: str) -> _Letter:
    """What the name of a symbol stands for: xhat is x̂, D_dot is Ḋ, and z2, the code of a second sample, is z'."""
    bare = _bare(name)
    rest = name.removesuffix("2")
    accent = "^" if rest.endswith("hat") else "˙" if rest.endswith("_dot") else ""
    return _Letter(greek_unicode.get(bare, bare.replace("_", "")), accent, rest != name)


def _bare(name: str) -> str:
    return name.removesuffix("2").removesuffix("hat").removesuffix("_dot")


def _is_word(letter: str) -> bool:
    return len(letter) > 1


def _rank(factor: Expr) -> int:
    """Where a factor stands in a product: z_j φ'(z_j), then brackets, and sums last, as a Σ takes in what follows."""
    if isinstance(factor, Add):
        return 2
    return 3 if _is_open(factor) else int(isinstance(factor, Function))


def _is_atom(factor: Expr) -> bool:
    return isinstance(factor, Indexed) and factor.base in (D, D_dot)


def _is_open(expr: Expr) -> bool:
    """Whether expr starts with a Σ that has no visible end."""
    return isinstance(expr, Sum) and not _is_inner_product(expr) and not _is_squared_norm(expr)


def _is_inner_product(expr: Expr) -> bool:
    """Whether expr is Σ_a (vector)_a (vector)_a, possibly with factors that do not depend on a."""
    return (
        _is_over_coordinates(expr)
        and isinstance(expr.function, Mul)
        and len(vectors := _parted(expr.function, expr.limits[0][0])[1]) == 2
        and all(_is_vector(vector, expr.limits[0][0]) for vector in vectors)
    )


def _is_squared_norm(expr: Expr) -> bool:
    return (
        _is_over_coordinates(expr)
        and isinstance(expr.function, Pow)
        and expr.function.exp == 2
        and _is_vector(expr.function.base, expr.limits[0][0])
    )


def _is_over_coordinates(expr: Expr) -> bool:
    return isinstance(expr, Sum) and len(expr.limits) == 1 and expr.limits[0][2] + 1 == d


def _parted(product: Mul, index: Idx) -> tuple[Expr, list[Expr]]:
    """The product of the factors without an index, and the list of those with it."""
    factors = [(factor.has(index), factor) for factor in product.args]
    return Mul(*(factor for held, factor in factors if not held)), [factor for held, factor in factors if held]


def _is_vector(expr: Expr, index: Idx) -> bool:
    """Whether expr is the component of a vector, such that it can be written without the index: v_a, z_j v_a + w_a."""
    match expr:
        case Indexed():
            return list(expr.indices).count(index) == 1
        case E():
            return _is_vector(expr.args[0], index)
        case Sum():
            return not _is_over_coordinates(expr) and _is_vector(expr.function, index)
        case Add():
            return all(_is_vector(term, index) for term in expr.args)
        case Mul():
            vectors = _parted(expr, index)[1]
            return len(vectors) == 1 and _is_vector(vectors[0], index)
        case _:
            return False

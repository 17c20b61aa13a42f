"""Whether a theorem is made of the theory's own parts: a part of another class could answer as it likes.

A rule that checks nothing, a property whose margin is not that of its relation, a function that gives one atom to who
asks for its norm and another one to who asks for its cost: each would prove anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from types import FunctionType, MappingProxyType, NoneType
from typing import Any

from sympy import Basic, Expr, Idx, IndexedBase, preorder_traversal, sympify

from theory.certificate import NotProved

CONTAINERS = (tuple, list, frozenset)
MAPPINGS = (dict, MappingProxyType)
ATOMS = (str, int, bool, Fraction, NoneType, FunctionType)


def of_own_parts(whole: Any) -> None:
    """Raise NotProved, naming the class, unless a theorem and all its parts are of classes of the theory or SymPy."""
    for name in _strange(whole, set()):
        raise NotProved(f"it has a {name} of its own, which could answer as it likes")


def read_once(value: Callable[[Idx], Any], axis: Idx) -> Callable[[Idx], Expr]:
    """A function of an index of an axis that was asked once: it gives everybody the same expression."""
    place = Idx(f"place in {axis.upper + 1}", axis.upper + 1)  # no letter that an index can have
    found = sympify(value(place))
    return lambda index: found.xreplace({place: index})


def _strange(value: Any, seen: set[int]) -> Iterator[str]:
    """The classes of parts that are not the theory's own."""
    if id(value) in seen:
        return
    seen.add(id(value))
    kind = type(value)
    if kind in CONTAINERS:
        for part in value:
            yield from _strange(part, seen)
    elif kind in MAPPINGS:
        for pair in value.items():
            yield from _strange(pair, seen)
    elif kind in ATOMS or issubclass(kind, Path):
        return
    elif issubclass(kind, Basic):
        yield from (type(part).__name__ for part in preorder_traversal(value) if not is_own(type(part), "sympy"))
    elif not is_own(kind):
        yield kind.__name__
    elif is_dataclass(kind):
        yield from _added(value)
        if hasattr(value, "__post_init__"):
            value.__post_init__()  # what is read once could have been put in place since
        # A statement is looked at where it is read, and proved before it is used.
        for part in () if kind.__name__ == "Statement" else fields(kind):
            yield from _strange(getattr(value, part.name), seen)
    elif not issubclass(kind, Enum):
        yield kind.__name__


def is_own(kind: type, *packages: str) -> bool:
    """Whether a class is what the theory, or one of some packages, calls by its name."""
    module = str(kind.__module__)
    outside = module.startswith(("theory.statements.", "theory.theorems."))
    ours = module.partition(".")[0] in ("theory", *packages) and not outside
    own = getattr(sys.modules.get(module), kind.__name__, None) is kind if ours else False
    # F* is made by SymPy, and known to the theory only.
    return own or kind is getattr(sys.modules.get("theory.inference"), "best", None)


def _added(value: Any) -> Iterator[str]:
    """What an object has been given besides its fields. What it has computed of them is forgotten: it may be forged."""
    kind = type(value)
    for name in vars(value).keys() - {part.name for part in fields(kind)}:
        if not isinstance(getattr(kind, name, None), cached_property):
            yield f"{kind.__name__} with a {name}"
        vars(value).pop(name)


def is_named(symbol: Basic) -> bool:
    """Whether the name of a symbol is one, and not how something else is written, such as F*(k) or (gap)."""
    return str(symbol.label if isinstance(symbol, IndexedBase) else symbol).isidentifier()

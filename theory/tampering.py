"""Whether a statement file leaves everything else as it was.

A statement is a program of somebody else. It may define names of its own, but if it changes the theory, the checks or
SymPy, what is proved of any other statement means nothing. So all that proofs depend on is looked at before and after.
"""

from __future__ import annotations

import _thread
import atexit
import builtins
import gc
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from functools import cache, cached_property
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from sympy import Symbol
from sympy.core.cache import clear_cache

WATCHED = ("theory", "checks", "sympy", "fractions", "functools", "operator", "itertools")
OWN = ("theory", "checks")
Entry = tuple[str, str]  # a module, and a name in it, or the name of a class and one in that
CACHED = type(cache(len))
WRAPPING: Mapping[type, str]  # where a type keeps the function that it wraps
WRAPPING = {
    FunctionType: "__wrapped__",
    CACHED: "__wrapped__",
    property: "fget",
    cached_property: "func",
    classmethod: "__func__",
    staticmethod: "__func__",
}
DEPTH = 3  # how far into the values of a module: its mappings, their entries, the fields of these


class Space(NamedTuple):
    """The names of a module, or of a class in it, as they were; the prefix is "" or "Class."."""

    module: str
    prefix: str
    owner: Any
    was: dict[str, Any]


class TamperedWith(Exception):
    """A file has changed what is not its own; the message says what."""


@contextmanager
def untouched() -> Iterator[None]:
    """Raise TamperedWith if the body changes what proofs depend on, or raise what it raises; all is put back."""
    put_back, refusal, raised = _kept(), TamperedWith, None
    try:
        yield
    except BaseException as error:
        raised = error
    for told in put_back():
        raise refusal(told) from raised
    if raised is not None:
        raise raised


def _kept() -> Callable[[], list[str]]:
    """Look at everything; what is returned puts it back, and says what had been changed, one line each."""
    # What finds a change is held here, out of reach, and is not written in Python, which could be rewritten in place.
    every, each_of, is_same, size, of, put, drop = all, map, is_, len, vars, setattr, delattr
    together, numbered, is_fixed, matters = zip, enumerate, _is_fixed, _matters
    part_of = {part: attrgetter(part) for part in ("__code__", "__defaults__", "__kwdefaults__", "cell_contents")}
    places = dict(_watched())
    spaces = [space for name, module in places.items() for space in _spaces(name, module)]
    before = {
        (space.module, space.prefix + key): value
        for space in spaces
        if space.module.startswith("theory")
        for key, value in space.was.items()
        if _is_fixed(space, key)
    }
    # What a module keeps to itself, as it has met it before, is put back whatever became of it.
    fixed = {entry: value for entry, value in before.items() if not (type(value) is dict and "._" in f".{entry[1]}")}
    prints = _prints(fixed)
    contents = {entry: dict(value) for entry, value in before.items() if type(value) is dict}
    met = {id(value): value for space in spaces for value in space.was.values()}  # most are in several modules
    wrapping = [value for value in met.values() if type(value) in WRAPPING]
    found = [(value, function) for value in wrapping for function in _functions(value)]
    holders, functions = [value for value, _ in found], [function for _, function in found]
    closures = [(value, cell) for value, function in found for cell in function.__closure__ or ()]
    enclosing, cells = [value for value, _ in closures], [cell for _, cell in closures]
    parts: list[tuple[str, list[Any], list[Any]]]
    parts = [(part, functions, holders) for part in part_of if part.startswith("__")]
    parts.append(("cell_contents", cells, enclosing))
    bodies = [list(map(part_of[part], several)) for part, several, _ in parts]
    by_name = [(value, named, dict(named)) for value, function in found if (named := function.__kwdefaults__)]
    memories = [value.cache_clear for space in spaces if _is_own(space.module) for value in _cached(space.was.values())]
    memories.append(clear_cache)
    running, threads, registered = _running(), _thread._count(), list[Callable[..., Any]]()
    listeners = [list(each) for each in _listeners()]
    register = atexit.register

    def note(function: Callable[..., Any], *arguments: Any, **options: Any) -> Callable[..., Any]:
        registered.append(function)
        return register(function, *arguments, **options)

    vars(atexit)["register"] = note

    def holds_the_same(now: Mapping[Any, Any], was: Mapping[Any, Any]) -> bool:
        return (
            size(now) == size(was)
            and every(each_of(is_same, now, was))
            and every(each_of(is_same, now.values(), was.values()))
        )

    def put_back() -> list[str]:
        of(atexit)["register"] = register
        for function in registered:
            atexit.unregister(function)
        rewritten = []
        for (part, several, holding), bodies_were in together(parts, bodies):
            if not every(each_of(is_same, each_of(part_of[part], several), bodies_were)):
                other = [n for n, each in numbered(several) if part_of[part](each) is not bodies_were[n]]
                rewritten += [holding[n] for n in other]
                for n in other:
                    put(several[n], part, bodies_were[n])
        for holder, named, was_named in by_name:
            if not holds_the_same(named, was_named):
                rewritten.append(holder)
                named.clear()
                named.update(was_named)
        moved, added = [], []
        for space in spaces:  # builtins first
            now, was = of(space.owner), space.was
            if holds_the_same(now, was):
                continue
            for key in (*was, *(key for key in now if key not in was)):
                if key in now and key in was and now[key] is was[key]:
                    continue
                if key in was and is_fixed(space, key):
                    put(space.owner, key, was[key])
                    moved.append((space.module, space.prefix + key))
                elif key not in was and is_fixed(space, key) and matters(space, now[key]):
                    drop(space.owner, key)
                    added.append((space.module, space.prefix + key))
        again = _prints(fixed)
        inside = [entry for entry in prints if not _is_alike(again[entry], prints[entry], grows=entry[1][0] == "_")]
        inside += [
            (space.module, space.prefix + key)
            for space in (spaces if rewritten else ())
            for key, value in space.was.items()
            if any(value is each for each in rewritten)
        ]
        for entry, content in contents.items():  # also what has only grown: a file may have added answers of its own
            before[entry].clear()
            before[entry].update(content)
        replaced = [name for name, module in places.items() if sys.modules.get(name) is not module]
        for name in replaced:
            sys.modules[name] = places[name]
        for entry in prints:
            _forget(before[entry])
        for forget in memories:
            forget()
        # A thread of somebody else may have ended meanwhile.
        is_left_running = bool(registered) or _running() != running or _thread._count() > threads
        for each, listed in zip(_listeners(), listeners, strict=True):
            each[:] = listed
        return [
            *(f"it changes {name}.{key}, which is not its own" for name, key in (*moved, *added, *inside)),
            *(f"it puts another module in the place of {name}" for name in replaced),
            *(["it leaves something running that could change others later"] if is_left_running else []),
        ]

    return put_back


def _running() -> tuple[Any, ...]:
    """What could change others later: what is done at the end or at a signal, and who watches or listens."""
    listening = [list(map(id, each)) for each in _listeners()]
    at_signals = [signal.getsignal(each) for each in sorted(signal.valid_signals())]
    return atexit._ncallbacks(), sys.getprofile(), sys.gettrace(), listening, at_signals


def _listeners() -> tuple[list[Any], ...]:
    """Where Python looks, and whom it asks or tells, whenever it comes to that."""
    return sys.path, sys.meta_path, sys.path_hooks, gc.callbacks


def _forget(value: Any) -> None:
    """Drop what a dataclass has computed of itself: somebody else may have put it there."""
    if is_dataclass(value) and not isinstance(value, type):
        for name in vars(value).keys() - {each.name for each in fields(value)}:
            del vars(value)[name]


def _watched() -> list[tuple[str, ModuleType]]:
    found = [(name, module) for name, module in sys.modules.items() if name.split(".")[0] in WATCHED]
    return [("builtins", builtins), *found]


def _is_own(name: str) -> bool:
    return name.split(".")[0] in OWN


def _spaces(name: str, module: ModuleType) -> Iterator[Space]:
    """What a module holds, by name, and what the classes that it defines hold."""
    yield Space(name, "", module, dict(vars(module)))
    for key, value in list(vars(module).items()):
        if isinstance(value, type) and value.__module__ == name and not _is_reserved(key):
            yield Space(name, f"{key}.", value, dict(vars(value)))


def _cached(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if type(value) is CACHED]


def _functions(value: Any) -> Iterator[FunctionType]:
    """The function that a value is, and the one that it wraps."""
    if type(value) is FunctionType:
        yield value
    if (part := WRAPPING.get(type(value))) and isinstance(wrapped := getattr(value, part, None), FunctionType):
        yield wrapped


def _is_reserved(key: str) -> bool:
    return key.startswith("__") and key.endswith("__")


def _is_fixed(space: Space, key: str) -> bool:
    """Whether a name stays as it is: Python keeps some of a module to itself, and Python and SymPy some of a class."""
    if not space.prefix:
        return not _is_reserved(key)
    return key not in ("__doc__", "__weakref__", "__dict__", "_abc_impl", "__abstractmethods__", "__annotations__")


def _matters(space: Space, value: Any) -> bool:
    """Whether a new name changes what there was: in a module of our own, or a class; no imported module."""
    return not isinstance(value, ModuleType) and (bool(space.prefix) or _is_own(space.module))


def _is_alike(now: Any, was: Any, *, grows: bool) -> bool:
    """Whether a value is what it was; what a module keeps to itself, as it has met it before, may have grown."""
    return bool(now == was or (grows and isinstance(was, list) and now[: len(was)] == was))


def _prints(entries: Mapping[Entry, Any]) -> dict[Entry, Any]:
    known: dict[tuple[int, int], tuple[Any, Any]] = {}
    return {entry: _print(value, DEPTH, known) for entry, value in entries.items()}


def _print(value: Any, depth: int, known: dict[tuple[int, int], tuple[Any, Any]]) -> Any:
    """What identifies a value and, to a depth, its parts. known: values that were met, and kept alive."""
    at = id(value), depth
    if at not in known:
        known[at] = value, _printed(value, depth, known)
    return known[at][1]


def _printed(value: Any, depth: int, known: dict[tuple[int, int], tuple[Any, Any]]) -> Any:
    if isinstance(value, FunctionType):
        closure = [id(cell.cell_contents) for cell in value.__closure__ or ()]
        return id(value.__code__), value.__defaults__, closure
    wrapped: Callable[..., Any] | None = getattr(value, "__wrapped__", None) if callable(value) else None
    if wrapped is not None and not isinstance(value, type):
        return id(wrapped), _print(wrapped, depth, known)
    if depth and isinstance(value, Mapping):
        return [(id(key), _print(each, depth - 1, known)) for key, each in value.items()]
    if depth and isinstance(value, (list, tuple)):
        return [_print(each, depth - 1, known) for each in value]
    if depth and is_dataclass(value) and not isinstance(value, type):
        return [_print(getattr(value, each.name, None), depth - 1, known) for each in fields(value)]
    symbol = getattr(value, "label", value)
    if isinstance(symbol, Symbol):
        return id(value), symbol.is_nonnegative, symbol.is_positive, symbol.is_negative, symbol.is_real, symbol.is_zero
    return id(value)

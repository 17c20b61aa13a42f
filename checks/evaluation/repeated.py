"""A computation on a block of samples that is read from its expressions once, and repeated on all other blocks.

To find out what expressions ask for takes Python longer than numpy needs for a few samples. So the computation is
run on one block with arrays that write down what is done with them; what does not depend on samples is done then and
there. On other blocks the same steps are taken, and what no later step needs is let go of, so that the next result is
written where there is cache for it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from checks.evaluation.lazy import Symbols
from checks.evaluation.lowering import SAMPLE, Env, Named


@dataclass(eq=False)
class Repeated:
    """A computation on the environment of a block of numpy arrays, for as many blocks as there are.

    Which steps it takes must depend on nothing but names and shapes; the number of samples may differ.
    """

    computation: Callable[[Env], Iterable[Named]]
    _tape: _Tape | None = field(default=None, init=False)

    def __call__(self, env: Env) -> Iterator[Named]:
        """The values of the computation on a block, one after the other. They must all be taken."""
        if self._tape is not None:
            yield from self._tape.played(env)
        else:
            tape = _Tape()
            yield from map(tape.given, self.computation(tape.recording(env)))
            self._tape = tape


@dataclass(frozen=True, eq=False)
class _Tape:
    """Steps that lead from a block to the values of a computation. What they work on is held at numbered places.

    start: what is there before the first step: the block at place 0, which is none yet, and constants.
    steps: a function, the places of its arguments and that of its result; or None, the place of a value that is asked
    for, and its axes. known: the places of what was computed already.
    """

    start: list[Any] = field(default_factory=lambda: [None])
    steps: list[tuple[Callable[..., Any] | None, tuple[int, ...], Any]] = field(default_factory=list)
    known: dict[Hashable, int] = field(default_factory=dict)

    def recording(self, env: Env) -> Env:
        """The environment of a block with arrays that write down what is done with them."""
        block = _Recorded(env, 0, self)

        def array(name: str) -> Named:
            value = env.arrays[name]
            recorded = SAMPLE in value.axes
            return Named(self.step(_array, block, name), value.axes) if recorded else value

        arrays = Symbols({name: partial(array, name) for name in env.arrays})
        return replace(env, arrays=arrays, weights=self.step(_weights, block))

    def step(self, function: Callable[..., Any], *inputs: Any, **options: Any) -> Any:
        """Take a step and write it down, unless it was taken before."""
        value, places = function(*map(_value, inputs), **options), tuple(map(self._place, inputs))
        place = self.known.setdefault((function, places, *options.items()), len(self.start))
        if place == len(self.start):
            self.start.append(None)
            self.steps.append((partial(function, **options) if options else function, places, place))
        result = _Recorded(value, place, self)
        if isinstance(value, tuple):
            return tuple(self.step(operator.getitem, result, n) for n in range(len(value)))
        return result

    def given(self, value: Named) -> Named:
        """Write down that this is asked for."""
        self.steps.append((None, (self._place(value.array),), value.axes))
        return Named(_value(value.array), value.axes)

    def played(self, env: Env) -> Iterator[Named]:
        """Take the same steps on another block."""
        held = [env, *self.start[1:]]
        for (function, places, into), left in zip(self.steps, self._left):
            arguments = [held[place] for place in places]
            if function is None:
                yield Named(arguments[0], into)
            else:
                held[into] = function(*arguments)
            for place in left:
                held[place] = None

    @cached_property
    def _left(self) -> list[list[int]]:
        """The places that nothing needs any more after each step."""
        last: dict[int, int] = {}
        for n, (function, places, into) in enumerate(self.steps):
            last |= dict.fromkeys(places if function is None else (*places, into), n)
        left: list[list[int]] = [[] for _ in self.steps]
        for place, n in last.items():
            left[n].append(place)
        return left

    def _place(self, value: Any) -> int:
        if isinstance(value, _Recorded):
            return value.place
        # An array is known by its identity, which is its own for as long as it is kept; all else by what it says.
        same = id(value) if isinstance(value, np.ndarray) else repr(value)
        place = self.known.setdefault(same, len(self.start))
        if place == len(self.start):
            self.start.append(value)
        return place


@dataclass(frozen=True, eq=False)
class _Recorded(NDArrayOperatorsMixin):
    """An array of a block that writes down what is done with it."""

    value: Any
    place: int
    tape: _Tape

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        return self.tape.step(ufunc if method == "__call__" else getattr(ufunc, method), *inputs, **options)

    def __array_function__(self, function: Any, types: Any, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return self.tape.step(function, *inputs, **options)

    def __pow__(self, power: Any) -> Any:
        return self.tape.step(operator.pow, self, power)  # of an array, which is quicker than np.power

    def __getitem__(self, at: Any) -> Any:
        return self.tape.step(operator.getitem, self, at)

    def __bool__(self) -> bool:
        raise TypeError("a step must not depend on the values in a block")

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.value.shape)

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return int(self.value.size)


_weights = operator.attrgetter("weights")


def _array(env: Env, name: str) -> Any:
    return env.arrays[name].array


def _value(given: Any) -> Any:
    return given.value if isinstance(given, _Recorded) else given

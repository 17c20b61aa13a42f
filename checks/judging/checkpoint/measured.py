"""What a pass over a checkpoint says: λ, figures of each latent, and by how much each law fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from sympy import Expr, Sum
from sympy.core.relational import Relational

from checks.evaluation.lowering import Env, Named, evaluate
from checks.evaluation.one_pass import CHOSEN, Pass, is_of_pairs
from checks.judging.checkpoint.asked import (
    PRICE,
    Asked,
    atoms_in,
    claim_and_controls,
    has_atoms,
    mapped,
    of_an_atom,
    reducer_name,
    scatter,
    with_sides,
)
from checks.judging.checkpoint.coder import named
from checks.judging.checkpoint.reading import ratio, sizes_of
from checks.judging.checkpoint.subject import Subject
from checks.judging.checkpoint.verdicts import Law, judged, standard_error
from checks.judging.verdict import Claims, Mask, Verdict, judged_entries, sides, violation_of
from checks.problem.instance import Array
from theory.expectation import E
from theory.problem import j, k, on

TOGETHER = 256  # atoms whose laws are evaluated at once, so that arrays stay in cache
SHARED = 1 << 20  # entries of a value that is kept, as claims, their controls and several laws have the same sides
Group = tuple[int, ...]  # shards that are left out


@dataclass(frozen=True, eq=False)
class Features:
    """Figures of each latent, (k,). NaN for a latent that is never active.

    rate       share of samples on which it is active
    lam        λ as it reads off the latent (A5), and its standard error
    violation  of atom stationarity (A1), normalised, with what sampling alone would show; NaN where no control tells
    """

    rate: Array
    lam: Array
    lam_error: Array
    violation: Array
    noise: Array

    @property
    def live(self) -> Mask:
        return np.asarray(self.rate > 0)


@dataclass(frozen=True, eq=False)
class _ByAtom:
    """What is evaluated some atoms after others.

    squares  over all samples, of those laws that are about one atom at a time, by statement
    lengths  of the law that says of each atom that it is stationary: squares of the claim and its controls, (…, k)
    """

    squares: Mapping[str, Array]
    lengths: Array


@dataclass(frozen=True, eq=False)
class Measured:
    """A pass over a subject, looked at law by law."""

    subject: Subject
    done: Pass

    def of_atoms(self, moment: Expr, without: Group = ()) -> Array:
        (own,) = self.subject.basis.moments_of([moment])
        return np.asarray(self.done.means([own], without=without)[own].array)

    def _read(self, without: Group) -> tuple[Array, Array]:
        found = self.subject.basis
        moments = found.moments_of([self.subject.reading.paid, self.subject.reading.pull])
        with np.errstate(invalid="ignore"):  # without the only shard there is nothing left
            means = self.done.means(moments, without=without)
            return self.subject.reading.at(found, means, self._symbols(None))

    def lam_read(self, without: Group) -> float:
        """λ over all latents: what pulls at them together over what they pay for each λ."""
        pull, paid = self._read(without)
        return float(ratio(pull.sum(), paid.sum()))

    def lam_at(self, without: Group) -> float:
        return self.lam_read(without) if self.subject.lam_given is None else self.subject.lam_given

    def features(self, shards: Sequence[Group]) -> Features:
        read = ratio(*self._read(()))
        again = np.array([ratio(*self._read(shard)) for shard in shards])
        violation, noise = self._certificate()
        return Features(self.of_atoms(E(on[j])), read, standard_error(again), violation, noise)

    def _certificate(self) -> tuple[Array, Array]:
        """A1 for each latent: its violation relative to its nearest control, and what sampling would show."""
        law = of_an_atom(self.subject.asked)
        if law is None:
            unknown = np.full(self.subject.checkpoint.sae.D.shape[1], np.nan)
            return unknown, unknown
        own, nearest = self._by_atom.lengths[0], np.min(self._by_atom.lengths[1:], axis=0)
        sampling = np.maximum(np.asarray(self.value(scatter(law))) - own, 0.0) / max(self.done.rows - 1, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.sqrt(own / nearest), np.sqrt(sampling / nearest)

    def law(self, asked: Asked, shards: Sequence[Group]) -> Law:
        """One law with its interval and its noise floor."""
        if not self.of_atoms(E(on[j])).any():
            return Law(asked.statement, Verdict.VACUOUS, np.nan, of="no latent is active")
        if asked.per_sample:
            return self._law_of_samples(asked, shards)
        limited = self._limited(asked)
        squares = self._by_atom.squares.get(asked.statement.id) if not limited else None
        if squares is None:
            squares = self._squares(asked, (), chosen=limited)
        if squares is None:
            return Law(asked.statement, Verdict.VACUOUS, np.nan, of="too wide to be judged")
        again, noise = self._jackknife(asked, shards)
        of = f"pairs among {len(self.subject.chosen)} latents" if limited and self.subject.chosen is not None else "all"
        return judged(asked.statement, squares, again, noise, of)

    def _limited(self, asked: Asked) -> bool:
        """Whether a law is judged among the chosen atoms alone."""
        return self.subject.chosen is not None and (
            asked.pairs or any(map(is_of_pairs, self.subject.basis.moments_of(asked.claims.sides)))
        )

    def _law_of_samples(self, asked: Asked, shards: Sequence[Group]) -> Law:
        def squares(without: Group) -> Array:
            return np.array(
                [
                    [self.done.reduced(reducer_name(asked, n, m), without=without) for m in range(len(relations))]
                    for n, (_, relations) in enumerate(claim_and_controls(asked.claims))
                ]
            )

        again = [squares(shard) for shard in shards] if len(shards) > 1 else None
        few = any(has_atoms(relation) for relation in asked.claims.relations)
        return judged(asked.statement, squares(()), again, None, "some samples" if few else "every sample")

    def env(self, expressions: Sequence[Expr], without: Group = (), *, chosen: bool = False) -> Env | None:
        """The symbols and means that expressions need; None if the pass has not kept them so."""
        moments = self.subject.basis.moments_of(expressions)
        atoms = self.subject.chosen if chosen else None
        if atoms is not None:
            means = self.done.means_of_chosen(moments, atoms.tolist(), without=without)
        else:
            means = self.done.means(moments, without=without)
        if len(means) < len(moments):
            return None
        return self._env(moments, means, self._symbols(atoms), without)

    def _env(
        self, moments: Sequence[E], means: Mapping[E, Named], symbols: Mapping[str, Named], without: Group = ()
    ) -> Env:
        price = self.subject.lam_pilot if self._has_price_inside(moments) else self.lam_at(without)
        priced = {**symbols, "lambda": Named(price)}
        return Env(priced, sizes_of(symbols), means=self.subject.basis.means(means), keeps=SHARED)

    def envs(self, laws: Sequence[Asked]) -> Iterator[list[Env]]:
        """For some of the atoms after others, an environment for each law, over all samples.

        Laws with the same λ share theirs.
        """
        moments = [self.subject.basis.moments_of(each.claims.sides) for each in laws]
        inside = [self._has_price_inside(own) for own in moments]
        asked = {moment for own in moments for moment in own}
        for first in range(0, self.subject.checkpoint.sae.D.shape[1], TOGETHER):
            some = slice(first, first + TOGETHER)
            of_some = self.done.means(asked, atoms=some)
            symbols = self._symbols_of(some)
            shared = {priced: self._env(own, of_some, symbols) for priced, own in dict(zip(inside, moments)).items()}
            yield [shared[priced] for priced in inside]

    def _has_price_inside(self, moments: Sequence[E]) -> bool:
        return any(moment.has(PRICE) for moment in moments)

    def value(self, expression: Expr) -> Any:
        """Of an expression that the pass was asked for."""
        env = self.env([expression])
        assert env is not None
        return evaluate(self.subject.basis.forms[expression], env).array

    def _symbols(self, atoms: Array | None) -> dict[str, Named]:
        return self._of_some if atoms is not None else self._of_all

    @cached_property
    def _of_all(self) -> dict[str, Named]:
        return self._symbols_of(None)

    @cached_property
    def _of_some(self) -> dict[str, Named]:
        return self._symbols_of(self.subject.chosen)

    def _symbols_of(self, atoms: Array | slice | None) -> dict[str, Named]:
        D = self.subject.checkpoint.sae.D
        own = D if atoms is None else D[:, atoms]
        found = {
            **self.subject.quantified.symbols(np.asarray, atoms),
            **named(self.subject.encode.numbers, np.asarray, atoms),
            "D": Named(own),
            "b": Named(np.zeros(len(D))),
        }
        if own.shape[1] <= CHOSEN:
            found["G"] = Named(own.T @ own)
        return found

    def _written(self, claims: Claims) -> Claims:
        forms = self.subject.basis.forms
        return mapped(claims, lambda relation: with_sides(relation, lambda side: forms[side]))

    def _squares(self, asked: Asked, without: Group, *, chosen: bool) -> Array | None:
        """Summed squared violations of the claim and its controls, relation by relation."""
        env = self.env(asked.claims.sides, without, chosen=chosen)
        return None if env is None else _squares(self._written(asked.claims), env)

    @cached_property
    def _by_atom(self) -> _ByAtom:
        """One look at all atoms, over all samples, for whatever is about one of them at a time."""
        law = of_an_atom(self.subject.asked)
        laws = [each for each in self.subject.asked if self._is_of_each_atom(each)]
        asked = laws if law is None else [*laws, law]
        written = [self._written(each.claims) for each in asked]
        squares, lengths = [], []
        for envs in self.envs(asked):
            squares.append([_squares(each, env) for each, env in zip(written[: len(laws)], envs)])
            lengths.append(np.zeros((0, 0)) if law is None else _squares_of_each(written[-1], envs[-1]))
        found = {each.statement.id: np.sum(parts, axis=0) for each, parts in zip(laws, zip(*squares))}
        return _ByAtom(found, np.concatenate(lengths, axis=1))

    def _is_of_each_atom(self, asked: Asked) -> bool:
        if asked.per_sample or self._limited(asked) or not any(map(atoms_in, asked.claims.relations)):
            return False
        return not any(map(sums_over_atoms, self._written(asked.claims).sides))

    def _jackknife(self, asked: Asked, shards: Sequence[Group]) -> tuple[list[Array] | None, Array]:
        """The squares without each shard, and the summed variance of what each relation says is 0; ∞ for one shard."""
        written, limited = self._written(asked.claims), self.subject.chosen is not None
        squares: list[Array] = []
        differences: list[list[Array]] = [[] for _ in written.relations]
        for shard in shards:
            env = self.env(asked.claims.sides, shard, chosen=limited)
            if env is None or len(shards) < 2:
                return None, np.full(len(written.relations), np.inf)
            squares.append(_squares(written, env))
            for relation, found in zip(written.relations, differences):
                left, right = sides(relation, env)
                apart, judged = judged_entries(written.given, Named(left.array - right.array, left.axes), env)
                found.append(np.where(judged, apart.array, 0.0))
        return squares, np.array([(standard_error(np.array(found)) ** 2).sum() for found in differences])


def _squares_of_each(written: Claims, env: Env) -> Array:
    """For the claim and each control, the squares of its first relation, atom by atom."""
    violations = [violation_of(relations[0], env) for _, relations in claim_and_controls(written)]
    return np.array([(each.array**2).sum(axis=each.axes.index("a")) for each in violations])


def _squares(written: Claims, env: Env) -> Array:
    return np.array(
        [
            [_square(relation, written.given, env) for relation in relations]
            for _, relations in claim_and_controls(written)
        ]
    )


def sums_over_atoms(expression: Expr) -> bool:
    """Whether a sum over all atoms is left in an expression."""
    return any(limit[0].upper + 1 == k for total in expression.atoms(Sum) for limit in total.limits)


def _square(relation: Relational, given: Sequence[Relational], env: Env) -> float:
    violation, judged = judged_entries(given, violation_of(relation, env), env)
    kept = violation.array if judged.all() else np.where(judged, violation.array, 0.0)
    return float(np.vdot(kept, kept))

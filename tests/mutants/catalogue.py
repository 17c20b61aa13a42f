"""Faults of one line, each with the tests that should notice it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """In `path`, `old` (which occurs once) becomes `new`; `tests` are pytest's arguments.

    equivalent: the reason why no test can tell the two apart, where that is so.
    """

    path: str
    old: str
    new: str
    tests: str
    equivalent: str = ""

    @property
    def name(self) -> str:
        return f"{self.path}: {self.old} → {self.new}"


# The quick one first: most faults are noticed there, within seconds.
ENGINE = "tests/mutants/test_engine.py"
JUDGED = f"{ENGINE} tests/judging/test_exact.py"
CERTIFICATES = f"{ENGINE} tests/judging/test_certify.py"
PASSED = "tests/evaluation/test_one_pass.py"
BASIS = "tests/evaluation/test_moment_basis.py"
AUDITED = "tests/campaigns/test_audit.py"
LOWERING = f"{ENGINE} tests/evaluation/test_lowering.py -k 'not torch'"
TRAINED = f"{ENGINE} tests/judging/test_approximate.py"
BLOCKS = "tests/judging/test_blocks.py"
REPEATED = "tests/evaluation/test_repeated.py tests/judging/test_blocks.py"
VERDICTS = "tests/judging/test_verdict.py"
SECOND_ORDER = "tests/judging/test_optimality.py"
KEPT = "tests/evidence/test_store.py"
EVIDENCE = f"{ENGINE} tests/campaigns/test_verify.py"
ALGEBRA = f"{ENGINE} tests/theory/test_normal_form.py"
FAMILY = f"{ENGINE} tests/theory/test_family.py tests/judging/test_other_objectives.py"
PROVED = f"{ENGINE} tests/theory/test_certificate.py -k 'not changed and not neighbour'"
GAPS = "tests/solvers/test_gap.py"
TENSORS = "tests/solvers/test_dictionary_of_tensors.py -k 'not tiny'"
LEDGER = "tests/test_laws.py -k 'not every_law'"
BUILT = "tests/instances/test_stationary.py"
CORPUS = "tests/theory/test_unsound.py -x -k 'named or mended'"
BLINDED = """together, numbered, matters = zip, enumerate, _matters
    is_fixed = lambda space, key: _is_fixed(space, key)  # noqa: E731"""
TAMPERED = "tests/theory/test_tampering.py tests/theory/test_unsound_apart.py -x -k tamper"
MINIMA = "tests/theory/test_optimality.py"
CALCULUS = "tests/theory/test_calculus.py -x"
EXAMPLES = "tests/theory/test_theorem.py -x -k 'example or contradict or never_met or never'"
FILES = f"{ENGINE} tests/theory/test_statement.py"
WRITTEN = "tests/claims/test_rocq.py -x -k 'says or shown or either or negative or value'"

_MUTANTS: dict[str, list[tuple[str, str, str] | tuple[str, str, str, str]]] = {
    "checks/judging/checkpoint/verdicts.py": [
        ("value > _reach(shards) * floor", "value > 2 * floor", AUDITED),
        ("and value > NEARER and", "and value < NEARER and", AUDITED),
    ],
    "checks/evaluation/plan.py": [
        (
            "yield min(p, listed - 1), self.entries[:, min(p, entered - 1)], own",
            "yield min(p, listed - 1), self.entries[:, 0], own",
            PASSED,
        ),
        ("yield min(p, listed - 1), self.entries", "yield 0, self.entries", PASSED),
        ("term.moment if term.entry is None else term.column", "term.column", PASSED),
        ("a[p if len(a) > 1 else 0][None]", "a[0][None]", PASSED),
    ],
    "checks/evaluation/support.py": [
        ("columns, tuple(into[some]))", "columns, tuple(into[:TOGETHER]))", PASSED),
        ("value = values[v, e]", "value = values[0, e]", PASSED),
        ("total += atoms[p, j, a] * samples[i, a]", "total += atoms[0, j, a] * samples[i, a]", PASSED),
    ],
    "checks/evaluation/one_pass.py": [
        (
            'atoms if axis == "j" else EACH for axis in axes',
            'atoms if axis == "l" else EACH for axis in axes',
            f"{PASSED} {AUDITED}",
        ),
        ("dict.fromkeys(paired + unkept)", "dict.fromkeys(unkept)", f"{PASSED} {AUDITED}"),
        ("dict.fromkeys(paired + unkept)", "dict.fromkeys(paired)", f"{PASSED} {AUDITED}"),
    ],
    "checks/evaluation/moment_basis.py": [
        ("rest[0].has(r) and index not in axes", "index not in axes", BASIS),
        ("rest[0].has(r) and index not in axes", "rest[0].has(r)", BASIS),
    ],
    "checks/evaluation/lowering.py": [
        (
            "_contract([Named(env.weights, (SAMPLE,)), *factors]",
            "_contract([Named(env.weights**0, (SAMPLE,)), *factors]",
            LOWERING,
        ),
        ("Named(env.weights**0.5, (SAMPLE,))", "Named(env.weights, (SAMPLE,))", LOWERING),
        ("factors[0].array is not factors[1].array", "factors[0].axes == factors[1].axes", LOWERING),
        ("abs(float(expr)) if isinstance(env, Magnitudes) else float(expr)", "float(expr)", JUDGED),
        ("operands += [Named(float(size)) for", "operands += [Named(1.0) for", LOWERING),
        ("left.array > right.array", "left.array >= right.array", LOWERING),
        ("left.array >= right.array", "left.array > right.array", LOWERING),
        ("left.array <= right.array", "left.array < right.array", LOWERING),
        ("left.array != right.array", "left.array == right.array", LOWERING),
        ("Named(base.array**-power * abs(value.array) ** (2 * power), base.axes)", "Named(0 * base.array)", JUDGED),
        ("value.array if isinstance(expr, pos) else -value.array", "value.array", LOWERING),
        (
            "array.clamp(min=0) if is_tensor(array) else np.maximum(array, 0.0)",
            "array.clamp(min=0) if is_tensor(array) else np.fmax(array, 0.0)",
            LOWERING,
        ),
        ("return _joined([*beside, Named(scalar)] if scalar != 1.0 else beside,", "return _joined(beside,", LOWERING),
        (
            "total = join(total, order(other, axes, env).array)",
            "total = join(order(other, axes, env).array, 0)",
            LOWERING,
        ),
        ("if lost := set(value.axes) - set(axes):", "if lost := set():", LOWERING),
        ("return value if distinct == value.axes else", "return value if True else", LOWERING),
        ("env.known[own.form] = own.names, value", "env.known[0] = own.names, value", LOWERING),
    ],
    "checks/campaigns/attack.py": [
        ("if not trial.is_drawn:\n            return\n        if", "if", LEDGER),
        ("if is_claimed(statement, trial.biased) and judgement", "if judgement", LEDGER),
        ("and judgement.verdict is not Verdict.VACUOUS", "", LEDGER),
        ("ledger.decided[statement.id] == seen[statement.id]", "False", LEDGER),
        ("missing = profile.decided - ledger.decided[statement.id]", "missing = 0", LEDGER),
        ("(decided := self.decided[statement.id]) < profile.decided", "(decided := 0) < 0", LEDGER),
    ],
    "checks/instances/cases.py": [
        ("def _maybe_draw_constant(self", "def _draws_no_constant(self", LEDGER),
        ("x, lam, weights = np.vstack([i.x, point.b])", "x, lam, weights = np.vstack([i.x, 1 + point.b])", LEDGER),
    ],
    "checks/instances/stationary.py": [
        ("child = self.lam * (1 / cosine - 2)", "child = self.lam * (1 / cosine - 1)", BUILT),
        ("np.where(size == self.K, least, 0.0)", "least", BUILT),
        ("np.full(self.pairs, least.min())", "least", BUILT),
        ("(together.sum(axis=0) / alone)", "together.sum(axis=0)", BUILT),
        ("rng.uniform(2 * a - 1, 0.9)", "rng.uniform(0.0, 2 * a - 1)", BUILT),
    ],
    "checks/evaluation/moments.py": [
        ("before.array + value.array", "value.array", LOWERING),
    ],
    "checks/judging/exact.py": [
        ("if shortfall:", "if False:", JUDGED),
        (
            "SEVERITY = (Verdict.FALSIFIED, Verdict.INCONCLUSIVE,",
            "SEVERITY = (Verdict.INCONCLUSIVE, Verdict.FALSIFIED,",
            JUDGED,
        ),
        ("Verdict.CONFIRMED, Verdict.VACUOUS)", "Verdict.VACUOUS, Verdict.CONFIRMED)", JUDGED),
        ("Verdict.CONFIRMED if self.excess <= 1 else", "Verdict.CONFIRMED if self.excess <= 10 else", JUDGED),
        ("if not np.isfinite((self.violation, self.bound)).all():", "if False:", VERDICTS),
        ("(compared.judged & finite, compared.judged & ~finite)", "(compared.judged & finite,)", VERDICTS),
        (
            "counts = judged & _met(relation, magnitude.axes, part) & np.isfinite(magnitude.array)",
            "counts = np.True_",
            VERDICTS,
        ),
        ("met, free = ~(failing > 0)", "met, free = ~(failing > 2)", VERDICTS),
        ("unmet = unmet | _anywhere(", "unmet = unmet & _anywhere(", VERDICTS),
        ("judged = judged & (magnitude != 0)", "pass", JUDGED),
        ("spent + 2 * precision.rounding * magnitude", "spent + 0 * magnitude", JUDGED),
        ("spent + 2 * precision.rounding * magnitude", "spent + 1e-6 * magnitude", JUDGED),
        ("np.asarray((precision.accuracy + precision.rounding) * largest)", "np.asarray(largest)", JUDGED),
        ("uncertified = sum(", "uncertified = 0 * sum(", JUDGED),
        ("point = point.in_unit_scale\n    claims, silent", "claims, silent", JUDGED),
        (
            "excess = ratio if chosen.all() else np.where(chosen, ratio, -1.0)",
            "excess = ratio if chosen.all() else np.where(chosen, ratio, np.inf)",
            JUDGED,
        ),
        ("if verdict is Verdict.CONFIRMED and not differs", "if not differs", JUDGED),
        ("largest = max(largest, float(", "largest = min(largest, float(", JUDGED),
        ("compared.start if axis == SAMPLE", "0 if axis == SAMPLE", JUDGED),
        ("if name not in differs and not (", "if not (", JUDGED, "once is enough"),
        ("(SEVERITY.index(entry.verdict), -entry.excess)", "(SEVERITY.index(entry.verdict), entry.excess)", JUDGED),
    ],
    "checks/judging/approximate.py": [
        ("isinstance(relation, Eq) or not all(_follows(", "True or not all(_follows(", TRAINED),
        ("isinstance(relation, Eq) or not all(_follows(", "not all(_follows(", TRAINED),
        ("NEARER = 0.1", "NEARER = 2.0", TRAINED),
        ("if (distances <= NEARER).all():", "if (distances <= NEARER).any():", TRAINED),
        ("numbers.min()) if", "numbers.max()) if", TRAINED),
        ("np.where(np.isfinite(ratio), ratio, np.inf)", "np.nan_to_num(ratio)", TRAINED),
        ("total += weights[n] * squares", "total += 0.0", TRAINED),
        (
            "squares += 0.0 if value <= rounding else value * value",
            "squares += value * value if value > rounding else 0.0",
            BLOCKS,
        ),
        ("np.where(judged, violation.array, 0.0)", "violation.array", BLOCKS),
        (
            "sides_of([relation, *claims.given]))) == of_samples",
            "sides_of([relation, *claims.given]))) or True",
            BLOCKS,
        ),
    ],
    "checks/evaluation/repeated.py": [
        (
            "place = self.known.setdefault((function, places, *options.items()), len(self.start))",
            "place = self.known.setdefault((function, places), len(self.start))",
            REPEATED,
        ),
        ("recorded = SAMPLE in value.axes", "recorded = False", REPEATED),
        ("same = id(value) if isinstance(value, np.ndarray) else repr(value)", "same = repr(value)", REPEATED),
        (
            "last |= dict.fromkeys(places if function is None else (*places, into), n)",
            "last = dict.fromkeys(places, n) | last",
            REPEATED,
        ),
    ],
    "checks/judging/certify.py": [
        ("if not value <= limit", "if value > limit", CERTIFICATES),
        ("np.maximum(0.0, Z - slack)", "np.maximum(0.0, Z + slack)", CERTIFICATES),
        ("EXACT_CODES = 1e-11", "EXACT_CODES = 1e-4", CERTIFICATES),
        ("EXACT_ATOMS = 1e-8", "EXACT_ATOMS = 1e-4", CERTIFICATES),
        ("np.where(residual == 0, 0.0,", "np.where(scale == 0, 0.0,", CERTIFICATES),
        ("norms=float(", "norms=0 * float(", CERTIFICATES),
        ("np.where(Z > 0, slack, 0.0).max(axis=1)", "np.where(Z > 0, slack, 0.0).min(axis=1)", CERTIFICATES),
        ('scale=value_of(own["scale"], env).array,', 'scale=0 * value_of(own["scale"], env).array,', CERTIFICATES),
        ("np.linalg.norm(sums.slope_b)]", "0 * np.linalg.norm(sums.slope_b)]", CERTIFICATES),
        ("* sizes(x, i.lam) ** 2", "", CERTIFICATES),
        ("slope_D - on_axis * D", "slope_D - slope_D", CERTIFICATES),
        ("natural = np.where(_is_within_limit(i, Z), natural, np.inf)", "pass", FAMILY),
        ("_sums(point), _gain_of_other_codes(point, symbols(point)))", "_sums(point), 0.0)", FAMILY),
    ],
    "checks/judging/optimality.py": [
        ("eigvalsh(problem)[0] > np.sqrt(accuracy)", "eigvalsh(problem)[-1] > np.sqrt(accuracy)", SECOND_ORDER),
        ("H -= weights[n] * follows.T @ follows", "pass", SECOND_ORDER),
        ("(may_enter & (slack <= brink))", "(may_enter & False)", SECOND_ORDER),
        ("counts = i.weights > 0", "counts = i.weights >= 0", SECOND_ORDER, "what has no weight adds nothing"),
        ("point.D / norms, point.b, point.Z * norms", "point.D / norms, point.b, point.Z", SECOND_ORDER),
        ("    if _shortfall(point, premises):", "    if False:", SECOND_ORDER),
        (" and not _shortfall(point, STATIONARY)", "", SECOND_ORDER),
    ],
    "checks/problem/tensors.py": [
        ("each.device != x.device", "False", TENSORS),
        ("values.isfinite() & (values >= 0)", "values.isfinite()", TENSORS),
    ],
    "checks/solvers/codes/gap.py": [
        ("((r - u) ** 2).sum(axis=1)", "0 * r.sum(axis=1)", GAPS),
        ("(admissible & (Z >= 0))", "(Z >= 0)", GAPS),
        ("(admissible & (Z >= 0))", "admissible", GAPS),
    ],
    "checks/solvers/dictionary/newton.py": [
        ("(target + unused * D[:, j])", "target", TENSORS),
        ("size = slope + (slope == 0) * mean", "size = slope", "tests/solvers/test_dictionary.py -k attained"),
    ],
    "checks/solvers/dictionary/tensors.py": [
        ("slopes = self.on * (", "slopes = (", TENSORS),
        ("(moved + dZ @ D.T)", "moved", TENSORS),
        ("less, m = m, 2 * m", "less, m = m + 1, 2 * m", TENSORS),
        ('if x.device.type != "cpu":', "if False:", TENSORS),
    ],
    "checks/evaluation/symbols.py": [
        ('"on": Named((z > 0)', '"on": Named((z >= 0)', JUDGED),
        ('"off": Named((z <= 0)', '"off": Named((z < 0)', JUDGED),
        ("return np.maximum(values, 0.0) if", "return abs(values) if", JUDGED),
        ("(i.n + 2 * i.d + 2 * i.k + 16)", "0", JUDGED),
        ("allowed if promised else 0.0 * allowed", "allowed", JUDGED),
        ('values["x"].array + values["b"].array + xhat', '0 * values["x"].array', JUDGED),
        ("Named(-(D * free.array)", "Named((D * free.array)", JUDGED),
        ("else np.abs(measured.array) + rounding", "else rounding", JUDGED),
        ("allowed = rounding if by_construction else ", "allowed = ", VERDICTS),
    ],
    "checks/judging/verdict.py": [
        ("_positive(left.array - right.array)", "_positive(right.array - left.array)", JUDGED),
        ("Named(_positive(right.array - left.array)", "Named(_positive(left.array - right.array)", JUDGED),
        ("abs(left.array - right.array)", "(left.array - right.array)", JUDGED),
        ("np.maximum(excess, 0.0)", "np.fmax(excess, 0.0)", ENGINE),
        ("reduce(np.logical_and, holding", "reduce(np.logical_or, holding", JUDGED),
        ("given=special(statement.given)", "given=()", JUDGED),
        ("prod(lengths) * (PROBES if probed else 1)", "prod(lengths)", BLOCKS),
    ],
    "checks/judging/findings.py": [
        ("if statement.premises <= frozenset(", "if statement.premises >= frozenset(", EVIDENCE),
        ("if subject.falsifies and has", "if subject.falsifies or has", EVIDENCE),
        ("(self.expected, Verdict.VACUOUS)", "(self.expected, Verdict.VACUOUS, Verdict.INCONCLUSIVE)", EVIDENCE),
        ("if verdicts <= {Verdict.VACUOUS}:", "if verdicts < {Verdict.VACUOUS}:", EVIDENCE),
        ("if verdict not in caught]", "if verdict in caught]", EVIDENCE),
        ("self.subject == EXACT.name or self.expected is Verdict.CONFIRMED", "True", EVIDENCE),
        ("return lines or (", "return lines and (", EVIDENCE),
        ("if statement.status is Status.REFUTED and Verdict.FALSIFIED not in verdicts:", "if False:", EVIDENCE),
    ],
    "checks/instances/companions.py": [
        ("    Z[:, busiest] /= 2", "    Z[:, busiest] /= 1", EVIDENCE),
    ],
    "checks/judging/subjects.py": [
        ("self.premises - OF_THE_BIAS", "self.premises", EVIDENCE),
    ],
    "checks/evidence/store.py": [
        ("if now.get(identifier) == made", "if identifier in now", KEPT),
        ("sound=digest == digest_of(key, identifier, made, judgement)", "sound=True", KEPT),
        ("if digest != digest_of(key, shortfall, problem, arrays):", "if False:", KEPT),
        (
            "return digest_of(self.code, json.dumps(astuple(place)))",
            "return digest_of(json.dumps(astuple(place)))",
            KEPT,
        ),
        ("if application != APPLICATION:", "if False:", KEPT),
        ("if _tables(connection) != _tables(fresh):", "if False:", KEPT),
    ],
    "checks/evidence/codec.py": [
        ('"violation": repr(float(', '"violation": "{:.6g}".format(float(', KEPT),
        ('np.asarray(array, order="C") for', "array for", KEPT),
    ],
    "checks/evidence/fingerprint.py": [
        ("if not name.startswith(APART)", "if True", KEPT),
    ],
    "theory/certificate.py": [
        ("if left_over != 0:", "if False:", ENGINE),
        ("if not agrees:", "if False:", ENGINE),
        ("if not is_zero(rest, DEFINED):", "if False:", PROVED),
        ("elif not is_nonnegative(rest):", "elif False:", PROVED),
        ("return claim.rhs - claim.lhs", "return claim.lhs - claim.rhs", PROVED),
        ("spent = expand(proof) - expand(slack(proof, given))", "spent = expand(proof)", PROVED),
        (
            "if objective is not None and not any(objective is member",
            "if False and not any(objective is member",
            CORPUS,
        ),
        ("if paired and objective is None:", "if False:", CORPUS),
        ("if averaged and (part in SECOND_SAMPLE", "if False and (part in SECOND_SAMPLE", CORPUS),
        ("if proof.has(tied) and (", "if False and (", CORPUS),
        ("if proof.has(premise.symbol) and premise.name not in own:", "if False:", CORPUS),
        ("if not claim.has(symbol):", "if False:", CORPUS),
        ("if captured := bound & condition.free_symbols:", "if captured := frozenset[Idx]():", CORPUS),
        ("if averaged and symbol == assumed and _is_per_sample(condition):", "if False:", CORPUS),
        ("if symbol == nowhere and not (", "if False and not (", CORPUS),
        ("if not _is_nonzero(part.base, usable):", "if False:", CORPUS),
        ("if not (bound & condition.free_symbols or (averaged and _is_per_sample(condition)))", "if True", CORPUS),
        ("if reason := triviality(claim, given):", "if reason := '':", CORPUS),
        ("if is_never(condition):", "if False:", CORPUS),
        ("if proof.has(assumed, nowhere) and not proof.has(*_symbols()):", "if False:", CORPUS),
        ("if all(reasons.values()):", "if False:", CORPUS),
        ("if not objective.has_finite_slope and", "if False and", FAMILY),
        ("if any(map(is_never, given)):", "if False:", FAMILY),
    ],
    "theory/manifest.py": [
        ("power % 2 == 0", "power % 1 == 0", PROVED),
        ("return all(is_nonnegative(part)", "return any(is_nonnegative(part)", PROVED),
        ("return all(map(is_nonnegative, expr.args)) and any(", "return any(", CORPUS),
    ],
    "theory/language.py": [
        ("elif type(expr.base) is not type(BASES[name]) or expr.base != BASES[name]:", "elif False:", CORPUS),
        ("elif type(symbol) is not type(_SCALARS[known]) or symbol != _SCALARS[known]:", "elif False:", CORPUS),
        ("case _ if type(expr) not in OPERATIONS:", "case _ if False:", CORPUS),
        ("elif limits and tuple(limits) != (index.lower, index.upper):", "elif False:", CORPUS),
        ("elif not is_nonnegative(amount):", "elif False:", CORPUS),
        ("if letters.setdefault(str(index), index) != index:", "if False:", CORPUS),
        ("elif index.lower != 0 or _range(index) not in RANGES:", "elif False:", CORPUS),
    ],
    "theory/counterexample.py": [
        ("if any(price < 0 for price in self.prices):", "if False:", CORPUS),
        ("if at > Level.STATIONARY and self.level < at:", "if False:", CORPUS),
        ("other.verify_optimal(Level.GLOBAL_MINIMUM)", "other.verify_optimal()", CORPUS),
        ("if not same or other.prices", "if other.prices", "tests/theory/test_counterexample.py -k neighbour"),
        ("and not self.represents_its_samples:", "and False:", CORPUS),
        ("if getattr(self, other) is None and", "if False and", CORPUS),
        ("if any(value not in (0, 1)", "if any(False", CORPUS),
    ],
    "theory/optimality.py": [
        ("if not rows[column][column] > 0:", "if not rows[column][column] >= 0:", MINIMA),
        ("for move in (one, other)} - {None}", "for move in (one,)} - {None}", MINIMA, "it only saves time"),
        ("total -= code * dot(turn, r)", "total += code * dot(turn, r)", MINIMA),
        ("* dot(turns[0], turns[1]) * dot(atom, r)", "* dot(turns[0], turns[1])", MINIMA),
        ("range(d if point.bias else 0)", "range(0)", MINIMA),
        ("all(length <= price**2", "all(length <= 2 * price**2", MINIMA),
        ("own <= min(costs.values())", "own >= min(costs.values())", MINIMA),
        ("if point.objective in ENUMERATED and not _supports_are_unique(point):", "if False:", MINIMA),
        ("value - most for other, value in enumerate(row)", "value for other, value in enumerate(row)", MINIMA),
    ],
    "theory/calculus.py": [
        ("return bool(cancel(together(expanded.subs(swaps))) == 0)", "return True", CALCULUS),
        ("if not isinstance(angle, Symbol):", "if False:", CALCULUS),
        ("frozenset(own).union(*(each.cases for each in self.by.uses))", "frozenset(own)", CALCULUS),
        ("if expand(one + other) != 0:", "if False:", CALCULUS),
        ("if known.get(each.name) is not each:", "if False:", CALCULUS),
        ("if isinstance(line.relation, Eq) or not shown:", "if isinstance(line.relation, Eq):", CALCULUS),
    ],
    "theory/cone.py": [
        ("if row[entering] > 0]", "if row[entering]]", "tests/theory/test_cone.py"),
        ("signs = [1 if value >= 0 else -1", "signs = [1 if value >= 0 else 1", "tests/theory/test_cone.py"),
        ("for row in codes if not row[unit]]", "for row in codes]", "tests/theory/test_cone.py"),
    ],
    "theory/second_order.py": [
        ("push = -(abs(", "push = (abs(", "tests/theory/test_second_order.py"),
        ("q = square(turn) / 4", "q = square(turn) / 2", "tests/theory/test_second_order.py"),
        ("positive = False", "positive = True", "tests/theory/test_second_order.py"),
    ],
    "theory/stability.py": [
        ("if value < -bound or", "if False or", "tests/theory/test_stability.py"),
        ("return abs(self._point.value(expr, at, sample))", "return Fraction(0)", "tests/theory/test_stability.py"),
    ],
    "theory/example.py": [
        ("return not any(values)", "return True", EXAMPLES),
        ("value > 0 or (value == 0 and", "value > 0 or (value < 0 and", EXAMPLES),
        ("self.point.verify_optimal(level)", "self.point.verify_optimal()", EXAMPLES),
    ],
    "theory/tampering.py": [
        ("for name, key in (*moved, *added, *inside)", "for name, key in (*added, *inside)", TAMPERED),
        ("for name, key in (*moved, *added, *inside)", "for name, key in (*moved, *inside)", TAMPERED),
        ("for name, key in (*moved, *added, *inside)", "for name, key in (*moved, *added)", TAMPERED),
        ("is_left_running = bool(registered) or _running() != running", "is_left_running = bool(registered)", TAMPERED),
        (
            "is_left_running = bool(registered) or _running() != running",
            "is_left_running = _running() != running",
            TAMPERED,
            "CPython 3.11 still counts what is unregistered",
        ),
        (" or _thread._count() > threads", "", TAMPERED),
        ("return sys.path, sys.meta_path", "return sys.meta_path", TAMPERED),
        ("if not holds_the_same(named, was_named):", "if False:", TAMPERED),
        ('parts.append(("cell_contents", cells, enclosing))', "pass", TAMPERED),
        ("        yield wrapped", "        yield from ()", TAMPERED),
        ("            forget()\n", "            pass\n", TAMPERED),
        ("except BaseException as error:", "except Exception as error:", TAMPERED),
        ("together, numbered, is_fixed, matters = zip, enumerate, _is_fixed, _matters", BLINDED, TAMPERED),
    ],
    "theory/normal_form.py": [
        ("best = min(candidates)", "best = candidates[0]", ALGEBRA),
        ("return sorted(dummies - _used(powers.items()))", "return []", ALGEBRA),
        ("recurse(pos(*expr.args) - expr.args[0])", "recurse(pos(*expr.args) + expr.args[0])", ALGEBRA),
        ("reduced[(_ON, True, indices)] = 1", "pass", ALGEBRA),
        ("if powers.get((_Z, True, indices), 0) > 0:", "if True:", ALGEBRA),
        (
            "_products([list(recurse(expr.base)) for _ in range(int(expr.exp))])",
            "_products([list(recurse(expr.base))] * int(expr.exp))",
            ALGEBRA,
        ),
        ("dummies |= term.dummies", "dummies = term.dummies", ALGEBRA),
        ("powers[leaf] = powers.get(leaf, 0) + power", "powers[leaf] = power", ALGEBRA),
        ("if leaf[1]}", "if True}", ALGEBRA),
        ("if symbol.is_nonnegative else", "if False else", ALGEBRA),
    ],
    "checks/claims/rocq/terms.py": [
        ('return f"- ({whole(part)})"', 'return f"- {whole(part)}"', WRITTEN),
        ("return kept[0] if len(kept) == 1 else Times(kept) if kept else ONE", "return Times(parts[:1])", WRITTEN),
    ],
    "checks/claims/rocq/translate.py": [
        ("SECOND) if symbol in SECOND_SAMPLE else", "SAMPLE) if symbol in SECOND_SAMPLE else", WRITTEN),
    ],
    "checks/claims/rocq/emit.py": [
        ("{'=' if equality else '<='} {shown(right)}", "<= {shown(right)}", WRITTEN),
        ('if name == "mu" and not', 'if name == "mu" and', WRITTEN),
    ],
    "theory/derive.py": [
        ("E(z[_q] * objective.loss()", "E(objective.loss()", PROVED),
        ("_through_relu(x[a] - b[a]", "_through_relu(x[a]", PROVED),
        ("off: lambda i: 1 - on[i]", "off: lambda i: 1 + on[i]", PROVED),
        ("if captured:", "if False:", ALGEBRA),
        ("return first + second / 2", "return first + second", FAMILY),
        ("_derived(2 * objective.lagrangian()", "_derived(objective.lagrangian()", ALGEBRA),
        ("return FAMILY if alike else objective", "return FAMILY", FAMILY),
        ("Premise(comp, (j,), lambda _: mu[j] * ", "Premise(comp, (j,), lambda _: ", ALGEBRA),
    ],
    "theory/problem.py": [
        ("return expr if self.prices_silent_units else without_sign(expr)", "return expr", FAMILY),
        ("return self.limit is None and bool(value.has(phi)", "return bool(value.has(phi)", FAMILY),
    ],
    "theory/instantiate.py": [
        ("(self.weights[i] * self.value(expr.args[0], at, i)", "(self.value(expr.args[0], at, i)", PROVED),
        ("if not all(verdicts):", "if False:", ENGINE),
        ("(1, 1, 1), (3, 2, 2), (2, 3, 2), (4, 2, 3), (2, 3, 3))", "(1, 1, 1),)", ENGINE),
        ("at[expr.args[0]] == at[expr.args[1]]", "at[expr.args[0]] != at[expr.args[1]]", PROVED),
        ("indices = tuple(at)", "pass", CORPUS),
    ],
    "theory/statement.py": [
        ("if located.id in found:", "if False:", FILES),
        ('if not statement.title.endswith("."):', "if False:", FILES),
        ("if len(self.proofs) != len(self.claims):", "if False:", PROVED),
        ("if (statement.status is Status.REFUTED) != (", "if (statement.status is Status.REFUTED) == (", FILES),
        ("numbered.group(1).upper()", "numbered.group(1)", FILES),
        ("if statement.control(name) == statement.claims:", "if False:", FILES),
        ('if not name.endswith("2")) - BY_CONSTRUCTION', 'if not name.endswith("2"))', FILES),
        ("if statement.status is Status.PROVED and statement.proof is None:", "if False:", FILES),
    ],
}

MUTANTS = [Mutant(path, *fault) for path, faults in _MUTANTS.items() for fault in faults]

(* T1. Splitting stops exactly at one atom per ray.

Let (D, b, z) be a global minimiser of width k, with the bias fixed or free. Write x - b = (lambda + e) w with |w| <= 1
and e >= 0, where e = 0 or |w| = 1: w = (x-b)/max(|x-b|, lambda), and e is how far the sample is beyond lambda. The rays
are the distinct w of samples with e > 0. Equivalent are
  stops    no dictionary of width k+1 is better,
  within   no residual is longer than lambda,
  attains  the objective is the bound of all widths,
  spends   each sample spends e in all, on atoms of its own ray alone,
  enough   there are no more rays than atoms.
With fewer atoms than rays, some dictionary of width k+1 is better.

Of the point nothing is assumed but that it is a global minimiser; of the numbers, that they are an ordered field with
square roots. The bound of all widths is the theorem of W7, which is written from its certificate; the rest of this file
is written by hand. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint ring.
From SaeLaws Require Import Sums Quantities.
From SaeLaws Require W7.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section T1.
Variable real : realFieldType.
Hypothesis root : forall t : real, 0 <= t -> exists2 s : real, 0 <= s & s ^+ 2 = t. (* as in the real numbers *)
Variables n d k : nat. (* samples, coordinates, atoms *)
Variable weight : nat -> real.
Hypothesis weight_gt0 : forall i : 'I_n, 0 < weight i.
Notation "\E_ i f" := (mean n weight (fun i => f)) (at level 36, i name, f at level 41).

(* The objective of any dictionary with k' atoms, at nonnegative codes and a bias. *)
Variable x : nat -> nat -> real.
Variable lambda : nat -> real.
Hypothesis lambda_gt0 : forall i : 'I_n, 0 < lambda i.
Definition residual (k' : nat) (D z : nat -> nat -> real) (b : nat -> real) (i a : nat) : real :=
  x i a - b a - \sum_(m < k') (D a m * z i m).
Definition cost (k' : nat) (D z : nat -> nat -> real) (b : nat -> real) (i : nat) : real :=
  (\sum_(a < d) (residual k' D z b i a ^+ 2)) / 2%:R + \sum_(m < k') (z i m * lambda i).
Definition objective k' D z b : real := \E_i (cost k' D z b i).

(* The point, and what it competes with: unit atoms, nonnegative codes, and its own bias unless that is free. *)
Variables (D z : nat -> nat -> real) (b : nat -> real) (free : Prop).
Definition admissible (k' : nat) (D' z' : nat -> nat -> real) (b' : nat -> real) : Prop :=
  [/\ forall j : 'I_k', \sum_(a < d) D' a j ^+ 2 = 1,
      forall (i : 'I_n) (j : 'I_k'), 0 <= z' i j
    & free \/ forall a : 'I_d, b' a = b a].
Hypothesis own : admissible k D z b.
Hypothesis minimal : forall D' z' b', admissible k D' z' b' -> objective k D z b <= objective k D' z' b'.
Notation r := (residual k D z b).

(* There is such a form: w = (x-b) / max(|x-b|, lambda). *)
Lemma polar_exists : exists (w : nat -> nat -> real) (e : nat -> real),
  [/\ forall (i : 'I_n) (a : 'I_d), x i a - b a = (lambda i + e i) * w i a,
      forall i : 'I_n, 0 <= e i,
      forall i : 'I_n, \sum_(a < d) w i a ^+ 2 <= 1
    & forall i : 'I_n, e i * (1 - \sum_(a < d) w i a ^+ 2) = 0].
Proof.
have [len lenP] : exists len : 'I_n -> real,
    forall i : 'I_n, 0 <= len i /\ len i ^+ 2 = \sum_(a < d) (x i a - b a) ^+ 2.
  apply: (fin_all_exists (P := fun (i : 'I_n) s => 0 <= s /\ s ^+ 2 = \sum_(a < d) (x i a - b a) ^+ 2)) => i.
  by have [|s s0 ss] := root (t := \sum_(a < d) (x i a - b a) ^+ 2); [apply: sum_ge0 => a; exact: sqr_ge0 | exists s].
pose most (i : 'I_n) := Num.max (len i) (lambda i).
have most0 i : 0 < most i by rewrite lt_maxr lambda_gt0 orbT.
exists (fun i a => if insub i is Some i' then (x i a - b a) / most i' else 0).
exists (fun i => if insub i is Some i' then most i' - lambda i' else 0).
have norm (i : 'I_n) : \sum_(a < d) ((x i a - b a) / most i) ^+ 2 = (len i / most i) ^+ 2.
  under eq_bigr do rewrite expr_div_n.
  by rewrite -mulr_suml expr_div_n (lenP i).2.
split=> i; rewrite valK.
- by move=> a; rewrite [lambda i + _]addrC subrK mulrC divfK // gt_eqF.
- by rewrite subr_ge0 le_maxr lexx orbT.
- rewrite norm exprn_ile1 // ?divr_ge0 ?(lenP i).1 ?(ltW (most0 i)) //.
  by rewrite ler_pdivr_mulr // mul1r le_maxr lexx.
- rewrite norm /most; case: (leP (len i) (lambda i)) => [_|lt]; first by rewrite subrr mul0r.
  by rewrite divff ?expr1n ?subrr ?mulr0 // gt_eqF // (lt_trans (lambda_gt0 i)).
Qed.

(* The polar form of the data. *)
Variables (w : nat -> nat -> real) (e : nat -> real).
Hypothesis polar : forall (i : 'I_n) (a : 'I_d), x i a - b a = (lambda i + e i) * w i a.
Hypothesis e_ge0 : forall i : 'I_n, 0 <= e i.
Hypothesis ball : forall i : 'I_n, \sum_(a < d) w i a ^+ 2 <= 1.
Hypothesis edge : forall i : 'I_n, e i * (1 - \sum_(a < d) w i a ^+ 2) = 0.

Definition bound (b' : nat -> real) (i : nat) : real :=
  lambda i * (\sum_(a < d) ((x i a - b' a) * w i a)) - lambda i ^+ 2 * (\sum_(a < d) (w i a ^+ 2)) / 2%:R.
Definition ray (i : nat) : {ffun 'I_d -> real} := [ffun a : 'I_d => w i a].
Definition rays := undup [seq ray (nat_of_ord i) | i : 'I_n <- enum 'I_n & 0 < e (nat_of_ord i)].

Definition stops := forall D' z' b', admissible k.+1 D' z' b' -> objective k D z b <= objective k.+1 D' z' b'.
Definition within := forall i : 'I_n, \sum_(a < d) r i a ^+ 2 <= lambda i ^+ 2.
Definition attains := objective k D z b = \E_i (bound b i).
Definition spends :=
  (forall (i : 'I_n) (j : 'I_k) (a : 'I_d), z i j * (D a j - w i a) = 0)
  /\ (forall i : 'I_n, \sum_(m < k) z i m = e i).
Definition enough := (size rays <= k)%N.

Implicit Types u f g : nat -> real.

(* --- means --- *)
Lemma mean_le (f g : nat -> real) : (forall i : 'I_n, f i <= g i) -> mean n weight f <= mean n weight g.
Proof. by move=> h; apply: ler_sum => i _; rewrite ler_pmul2l. Qed.

Lemma meanB (f g : nat -> real) : mean n weight (fun i => f i - g i) = mean n weight f - mean n weight g.
Proof. by rewrite /mean -sumrB; apply: eq_bigr => i _; rewrite mulrBr. Qed.

Lemma mean_ext (f g : nat -> real) : (forall i : 'I_n, f i = g i) -> mean n weight f = mean n weight g.
Proof. by move=> h; apply: eq_bigr => i _; rewrite h. Qed.

Lemma mean_same (f g : nat -> real) : (forall i : 'I_n, f i <= g i) -> mean n weight f = mean n weight g -> forall i : 'I_n, f i = g i.
Proof.
move=> le eq i; apply/esym/eqP; rewrite -subr_eq0; apply/eqP.
apply: (nowhere (f := fun i => g i - f i) weight_gt0) => [j|]; first by rewrite subr_ge0.
by rewrite meanB eq subrr.
Qed.

(* --- what minimality says to first order --- *)
Lemma first_order (g c : real) : 0 <= c -> (forall t, -1 <= t -> 0 <= t * g + t ^+ 2 * c) -> g = 0.
Proof.
move=> c0 h; apply/eqP/negPn/negP => g0.
set s := `|g| + c + 1.
have s0 : 0 < s by rewrite ltr_spaddr ?ltr01 ?addr_ge0.
have t1 : -1 <= - g / s.
  rewrite mulNr ler_opp2 ler_pdivr_mulr // mul1r (le_trans (ler_norm g)) //.
  by rewrite /s -addrA ler_addl addr_ge0 ?ler01.
have := h _ t1.
have -> : - g / s * g + (- g / s) ^+ 2 * c = - (g ^+ 2 * (s - c) / s ^+ 2) by field; rewrite gt_eqF.
rewrite oppr_ge0 leNgt; apply/negP/negPn.
have g2 : 0 < g ^+ 2 by rewrite lt_def sqr_ge0 expf_neq0.
rewrite divr_gt0 ?exprn_gt0 // mulr_gt0 //.
have -> : s - c = `|g| + 1 by rewrite /s; ring.
by rewrite ltr_spaddr ?ltr01 ?normr_ge0.
Qed.

Definition explained (i a : nat) : real := \sum_(m < k) (D a m * z i m).

(* Along z_i -> (1 + t) z_i of one sample. *)
Lemma codes_to_scale (i : 'I_n) :
  \sum_(m < k) (z i m * lambda i) = \sum_(a < d) (r i a * explained i a).
Proof.
have [units pz _] := own.
pose scaled t (i' m : nat) := if i' == i then (1 + t) * z i' m else z i' m.
have adm t : -1 <= t -> admissible k D (scaled t) b.
  move=> t1; split=> //; last by right.
  move=> i' j; rewrite /scaled; case: ifP => _ //.
  by rewrite mulr_ge0 // -(subr_ge0 _ (1 + t)) subr0 -ler_subl_addl sub0r.
pose G := \sum_(m < k) (z i m * lambda i) - \sum_(a < d) (r i a * explained i a).
pose C := (\sum_(a < d) explained i a ^+ 2) / 2%:R.
have costs t (i' : 'I_n) : cost k D (scaled t) b i' = cost k D z b i' + (i' == i)%:R * (t * G + t ^+ 2 * C).
  case: (eqVneq i' i) => [->|ne]; last first.
    rewrite mul0r addr0 /cost /residual /scaled.
    by have -> : (nat_of_ord i' == i) = false by exact: negbTE.
  rewrite mul1r /cost.
  have res (a : 'I_d) : residual k D (scaled t) b i a = r i a - t * explained i a.
    rewrite /residual /explained /scaled eqxx.
    have -> : \sum_(m < k) D a m * ((1 + t) * z i m) = (1 + t) * (\sum_(m < k) (D a m * z i m)).
      by rewrite mulr_sumr; apply: eq_bigr => m _; rewrite mulrCA.
    by ring.
  have -> : \sum_(a < d) residual k D (scaled t) b i a ^+ 2
      = \sum_(a < d) r i a ^+ 2 - 2%:R * t * (\sum_(a < d) (r i a * explained i a))
        + t ^+ 2 * (\sum_(a < d) explained i a ^+ 2).
    by rewrite !mulr_sumr -sumrB -big_split /=; apply: eq_bigr => a _; rewrite res; ring.
  have -> : \sum_(m < k) scaled t i m * lambda i = (1 + t) * (\sum_(m < k) (z i m * lambda i)).
    by rewrite mulr_sumr; apply: eq_bigr => m _; rewrite /scaled eqxx mulrA.
  by rewrite /G /C; field.
apply/eqP; rewrite -subr_eq0 -/G; apply/eqP; apply: (@first_order _ C) => [|t t1].
  by rewrite divr_ge0 ?ler0n // sum_ge0 // => a; exact: sqr_ge0.
have : 0 <= objective k D (scaled t) b - objective k D z b by rewrite subr_ge0; exact: minimal (adm t t1).
rewrite /objective -meanB /mean (bigD1 i) //= big1 => [|i' ne].
  by rewrite costs eqxx mul1r addr0 addrAC subrr add0r pmulr_rge0.
by rewrite costs (negbTE ne) mul0r addr0 subrr mulr0.
Qed.

(* Along b_a -> b_a + t of one coordinate, if the bias is free. *)
Lemma centred (a : 'I_d) : free -> \E_i (r i a) = 0.
Proof.
move=> f; have [units pz _] := own.
pose moved t (c : nat) := if c == a then b c + t else b c.
have adm t : admissible k D z (moved t) by split=> //; left.
have costs t (i : 'I_n) : cost k D z (moved t) i = cost k D z b i + (t ^+ 2 / 2%:R - t * r i a).
  rewrite /cost (bigD1 a) //=.
  have -> : \sum_(c < d) r i c ^+ 2 = r i a ^+ 2 + \sum_(c < d | c != a) r i c ^+ 2 by rewrite (bigD1 a).
  have -> : \sum_(c < d | c != a) residual k D z (moved t) i c ^+ 2 = \sum_(c < d | c != a) r i c ^+ 2.
    apply: eq_bigr => c ne; rewrite /residual /moved.
    by have -> : (nat_of_ord c == a) = false by exact: negbTE.
  have -> : residual k D z (moved t) i a = r i a - t by rewrite /residual /moved eqxx; ring.
  by field.
apply/eqP; rewrite -oppr_eq0; apply/eqP; apply: (@first_order _ ((\sum_(i < n) weight i) / 2%:R)) => [|t _].
  by rewrite divr_ge0 ?ler0n // sum_ge0 // => i; exact: ltW.
have : 0 <= objective k D z (moved t) - objective k D z b by rewrite subr_ge0; exact: minimal (adm t).
rewrite /objective -meanB.
rewrite (mean_ext (g := fun i => t ^+ 2 / 2%:R - t * r i a)) => [|i]; last by rewrite costs addrAC subrr add0r.
have -> : mean n weight (fun i => t ^+ 2 / 2%:R - t * r i a)
    = t * - (\E_i (r i a)) + t ^+ 2 * ((\sum_(i < n) weight i) / 2%:R); last by move=> h; exact: h.
rewrite /mean -sumrN mulrA !mulr_sumr mulr_suml -big_split /=; apply: eq_bigr => i _.
by field.
Qed.

(* --- the bound of all widths: W7 --- *)
Lemma gap k' (D' z' : nat -> nat -> real) (b' : nat -> real) (i : 'I_n) : (forall j : 'I_k', \sum_(a < d) D' a j ^+ 2 = 1) ->
  cost k' D' z' b' i - bound b' i
  = (\sum_(a < d) (residual k' D' z' b' i a - w i a * lambda i) ^+ 2) / 2%:R
    + lambda i * (\sum_(j < k') z' i j * (\sum_(a < d) (D' a j - w i a) ^+ 2)) / 2%:R
    + lambda i * (1 - \sum_(a < d) w i a ^+ 2) * (\sum_(j < k') z' i j) / 2%:R.
Proof.
move=> units.
have norms : forall j : 'I_k', \sum_(a < d) D' a j ^+ 2 - 1 = 0 by move=> j; rewrite units subrr.
transitivity ((\sum_(a < d) residual k' D' z' b' i a ^+ 2) / 2%:R + lambda i ^+ 2 * (\sum_(a < d) w i a ^+ 2) / 2%:R
    + \sum_(m < k') z' i m * lambda i - lambda i * (\sum_(a < d) (x i a - b' a) * w i a)).
  by rewrite /cost /bound; ring.
exact: (W7.claim_W7 x b' z' lambda w norms i).
Qed.

Lemma parts_ge0 k' (D' z' : nat -> nat -> real) (b' : nat -> real) (i : 'I_n) : (forall (j : 'I_k'), 0 <= z' i j) ->
  [/\ 0 <= (\sum_(a < d) (residual k' D' z' b' i a - w i a * lambda i) ^+ 2) / 2%:R,
      0 <= lambda i * (\sum_(j < k') z' i j * (\sum_(a < d) (D' a j - w i a) ^+ 2)) / 2%:R
    & 0 <= lambda i * (1 - \sum_(a < d) w i a ^+ 2) * (\sum_(j < k') z' i j) / 2%:R].
Proof.
move=> pz; have l0 := ltW (lambda_gt0 i); have h0 : 0 <= 2%:R^-1 :> real by rewrite invr_ge0 ler0n.
split; apply: mulr_ge0 => //.
- by apply: sum_ge0 => a; exact: sqr_ge0.
- apply: mulr_ge0 => //; apply: sum_ge0 => j; apply: mulr_ge0 => //; apply: sum_ge0 => a; exact: sqr_ge0.
- apply: mulr_ge0; last by apply: sum_ge0.
  by apply: mulr_ge0 => //; rewrite subr_ge0.
Qed.

Lemma bound_le k' (D' z' : nat -> nat -> real) (b' : nat -> real) : admissible k' D' z' b' -> forall i : 'I_n, bound b' i <= cost k' D' z' b' i.
Proof.
move=> [units pz _] i; rewrite -subr_ge0 gap //.
have [p1 p2 p3] := @parts_ge0 k' D' z' b' i (pz i).
by rewrite !addr_ge0.
Qed.

Lemma attained_everywhere : attains -> forall i : 'I_n, bound b i = cost k D z b i.
Proof. by move=> /esym; apply: mean_same; apply: bound_le. Qed.

(* --- a => b: what a further atom gains --- *)
Definition beyond (u : nat -> real) (i : nat) := \sum_(a < d) (u a * r i a) - lambda i.
Definition wider (u : nat -> real) (a m : nat) := if m == k then u a else D a m.
Definition wider_codes (u : nat -> real) (i m : nat) := if m == k then pos (beyond u i) else z i m.

Lemma old (m : 'I_k) : (nat_of_ord m == k) = false.
Proof. by rewrite ltn_eqF. Qed.

Lemma wider_admissible u : \sum_(a < d) u a ^+ 2 = 1 -> admissible k.+1 (wider u) (wider_codes u) b.
Proof.
move=> unit_u; have [units pz _] := own; split; last by right.
- move=> j; rewrite /wider; case: eqP => [_|/eqP ne]; first exact: unit_u.
  have jk : (j < k)%N by rewrite ltn_neqAle ne -ltnS ltn_ord.
  exact: (units (Ordinal jk)).
- move=> i j; rewrite /wider_codes; case: eqP => [_|/eqP ne]; first exact: pos_ge0.
  have jk : (j < k)%N by rewrite ltn_neqAle ne -ltnS ltn_ord.
  exact: (pz i (Ordinal jk)).
Qed.

Lemma pos_square (t : real) : pos t * t = pos t ^+ 2.
Proof. by rewrite /pos /Num.max; case: ifP => _; rewrite ?mul0r ?expr0n. Qed.

Lemma wider_cost u (i : 'I_n) : \sum_(a < d) u a ^+ 2 = 1 ->
  cost k.+1 (wider u) (wider_codes u) b i = cost k D z b i - pos (beyond u i) ^+ 2 / 2%:R.
Proof.
move=> unit_u; rewrite /cost; set p := pos (beyond u i).
have res (a : 'I_d) : residual k.+1 (wider u) (wider_codes u) b i a = r i a - u a * p.
  rewrite /residual big_ord_recr /= /wider /wider_codes eqxx /= -/p.
  rewrite (eq_bigr (fun m : 'I_k => D a m * z i m)) => [|m _]; last by rewrite old.
  by rewrite opprD addrA.
have -> : \sum_(m < k.+1) wider_codes u i m * lambda i = \sum_(m < k) z i m * lambda i + p * lambda i.
  rewrite big_ord_recr /= /wider_codes eqxx -/p; congr (_ + _).
  by apply: eq_bigr => m _; rewrite old.
have -> : \sum_(a < d) residual k.+1 (wider u) (wider_codes u) b i a ^+ 2
    = \sum_(a < d) r i a ^+ 2 - 2%:R * p * (\sum_(a < d) u a * r i a)
      + p ^+ 2 * (\sum_(a < d) u a ^+ 2).
  rewrite !mulr_sumr -sumrB -big_split /=.
  by apply: eq_bigr => a _; rewrite res; ring.
rewrite unit_u mulr1.
have -> : \sum_(a < d) u a * r i a = beyond u i + lambda i by rewrite /beyond subrK.
have := pos_square (beyond u i); rewrite -/p => pp.
have -> : 2%:R * p * (beyond u i + lambda i) = 2%:R * p ^+ 2 + 2%:R * p * lambda i by rewrite -pp; ring.
by field.
Qed.

Lemma wider_objective u : \sum_(a < d) u a ^+ 2 = 1 ->
  objective k.+1 (wider u) (wider_codes u) b = objective k D z b - \E_i (pos (beyond u i) ^+ 2 / 2%:R).
Proof. by move=> h; rewrite /objective -meanB; apply: mean_ext => i; rewrite wider_cost. Qed.

Lemma direction (i : 'I_n) : lambda i ^+ 2 < \sum_(a < d) r i a ^+ 2 ->
  exists2 u : nat -> real, \sum_(a < d) u a ^+ 2 = 1 & 0 < beyond u i.
Proof.
move=> lt; set s := \sum_(a < d) r i a ^+ 2 in lt *.
have s0 : 0 < s by apply: le_lt_trans lt; exact: sqr_ge0.
have [q q_ge0 qq] := root (ltW s0).
have q0 : 0 < q by rewrite lt_def q_ge0 andbT; apply/negP => /eqP h; rewrite h expr0n /= in qq; rewrite -qq ltxx in s0.
exists (fun a => r i a / q).
  under eq_bigr do rewrite expr_div_n.
  by rewrite -mulr_suml -/s qq divff // gt_eqF.
rewrite /beyond; under eq_bigr do rewrite mulrAC -expr2.
rewrite -mulr_suml -/s -qq expr2 mulfK ?gt_eqF // subr_gt0.
by rewrite -(ltr_pexpn2r (n := 2)) ?nnegrE ?qq // ltW // lambda_gt0.
Qed.

Lemma better u (i : 'I_n) : \sum_(a < d) u a ^+ 2 = 1 -> 0 < beyond u i ->
  objective k.+1 (wider u) (wider_codes u) b < objective k D z b.
Proof.
move=> unit_u gt; rewrite wider_objective // ltr_subl_addr ltr_addl.
have p0 (j : nat) : 0 <= pos (beyond u j) ^+ 2 / 2%:R by rewrite divr_ge0 ?sqr_ge0 ?ler0n.
rewrite lt_def mean_ge0 // andbT; apply/negP => /eqP /(nowhere weight_gt0) h.
have := h (fun j => p0 j) i; move/eqP; rewrite mulf_eq0 invr_eq0 pnatr_eq0 orbF expf_eq0 /=.
by rewrite /pos max_l ?(ltW gt) // (gt_eqF gt).
Qed.

Lemma beyond_within (i : 'I_n) : lambda i ^+ 2 < \sum_(a < d) r i a ^+ 2 ->
  exists D' z' b', admissible k.+1 D' z' b' /\ objective k.+1 D' z' b' < objective k D z b.
Proof.
move=> /direction [u unit_u gt]; exists (wider u), (wider_codes u), b.
by split; [exact: wider_admissible | exact: better gt].
Qed.

Lemma a_b : stops -> within.
Proof.
move=> stop i; rewrite leNgt; apply/negP => /beyond_within [D' [z' [b' [adm lt]]]].
by have := le_lt_trans (stop _ _ _ adm) lt; rewrite ltxx.
Qed.

(* --- b => c: the residual is a feasible dual point --- *)
Lemma b_c : within -> attains.
Proof.
move=> inside; apply/eqP; rewrite eq_le; apply/andP; split; apply: mean_le => i; last exact: bound_le own i.
have l0 := lambda_gt0 i.
have -> : cost k D z b i = \sum_(a < d) (x i a - b a) * r i a - (\sum_(a < d) r i a ^+ 2) / 2%:R.
  have -> : \sum_(a < d) (x i a - b a) * r i a = \sum_(a < d) r i a ^+ 2 + \sum_(a < d) (r i a * explained i a).
    by rewrite -big_split /=; apply: eq_bigr => a _; rewrite /residual -/(explained i a); ring.
  by rewrite /cost -codes_to_scale; field.
have -> : \sum_(a < d) (x i a - b a) * r i a = (lambda i + e i) * (\sum_(a < d) w i a * r i a).
  by rewrite mulr_sumr; apply: eq_bigr => a _; rewrite polar mulrA.
rewrite /bound.
have -> : \sum_(a < d) (x i a - b a) * w i a = (lambda i + e i) * (\sum_(a < d) w i a ^+ 2).
  by rewrite mulr_sumr; apply: eq_bigr => a _; rewrite polar -mulrA.
have square : 0 <= lambda i ^+ 2 * (\sum_(a < d) w i a ^+ 2) - 2%:R * lambda i * (\sum_(a < d) w i a * r i a)
    + \sum_(a < d) r i a ^+ 2.
  have -> : lambda i ^+ 2 * (\sum_(a < d) w i a ^+ 2) - 2%:R * lambda i * (\sum_(a < d) w i a * r i a)
      + \sum_(a < d) r i a ^+ 2 = \sum_(a < d) (lambda i * w i a - r i a) ^+ 2.
    by rewrite !mulr_sumr -sumrB -big_split /=; apply: eq_bigr => a _; ring.
  by apply: sum_ge0 => a; exact: sqr_ge0.
have := inside i; have := edge i; move: square.
set A := \sum_(a < d) r i a ^+ 2; set B := \sum_(a < d) w i a * r i a; set C := \sum_(a < d) w i a ^+ 2.
move=> Q ec le; rewrite -subr_ge0.
have -> : lambda i * ((lambda i + e i) * C) - lambda i ^+ 2 * C / 2%:R - ((lambda i + e i) * B - A / 2%:R)
    = (lambda i ^+ 2 * C - 2%:R * lambda i * B + A) / 2%:R
      + e i * (lambda i ^+ 2 * C - 2%:R * lambda i * B + A + (lambda i ^+ 2 - A)) / (2%:R * lambda i)
      - lambda i / 2%:R * (e i * (1 - C)).
  by field; rewrite gt_eqF.
rewrite ec mulr0 subr0 addr_ge0 // ?divr_ge0 ?ler0n //.
  by rewrite mulr_ge0 // addr_ge0 // subr_ge0.
by rewrite mulr_ge0 ?ler0n // ltW.
Qed.

(* --- c => d: all parts of the gap vanish --- *)
Lemma vanishing_sum m (f : 'I_m -> real) : (forall j, 0 <= f j) -> \sum_j f j = 0 -> forall j, f j = 0.
Proof. by move=> f0 /eqP; rewrite psumr_eq0 // => /allP h j; exact/eqP/(h j (mem_index_enum j)). Qed.

Lemma attained_parts : attains -> forall i : 'I_n,
  [/\ forall a : 'I_d, r i a = w i a * lambda i,
      forall (j : 'I_k) (a : 'I_d), z i j * (D a j - w i a) = 0
    & (1 - \sum_(a < d) w i a ^+ 2) * (\sum_(j < k) z i j) = 0].
Proof.
move=> att i; have [units pz _] := own; have l0 := lambda_gt0 i.
have [p1 p2 p3] := @parts_ge0 k D z b i (pz i).
have := gap z b i units; rewrite (attained_everywhere att i) subrr => /esym.
move/eqP; rewrite paddr_eq0 ?addr_ge0 // paddr_eq0 // => /andP[/andP[e1 e2] e3].
have half (t : real) : t / 2%:R == 0 -> t = 0.
  by rewrite mulf_eq0 invr_eq0 pnatr_eq0 orbF => /eqP.
split.
- move=> a; have := vanishing_sum (fun a => sqr_ge0 _) (half _ e1) a.
  by move/eqP; rewrite expf_eq0 /= subr_eq0 => /eqP.
- move=> j a; have := half _ e2; move/eqP; rewrite mulf_eq0 (gt_eqF l0) /= => /eqP.
  move/vanishing_sum => h; have := h (fun j => mulr_ge0 (pz i j) (sum_ge0 (fun a => sqr_ge0 _))) j.
  move/eqP; rewrite mulf_eq0 => /orP[/eqP ->|]; first by rewrite mul0r.
  move/eqP/vanishing_sum => g; have := g (fun a => sqr_ge0 _) a.
  by move/eqP; rewrite expf_eq0 /= => /eqP ->; rewrite mulr0.
- by have := half _ e3; move/eqP; rewrite -mulrA mulf_eq0 (gt_eqF l0) /= => /eqP.
Qed.

Lemma c_d : attains -> spends.
Proof.
move=> att; split=> [i j a|i]; have [res along room] := attained_parts att i; first exact: along.
have used (a : 'I_d) : w i a * (e i - \sum_(m < k) z i m) = 0.
  have : x i a - b a - r i a = w i a * (\sum_(m < k) z i m).
    rewrite /residual opprB addrC subrK mulr_sumr; apply: eq_bigr => m _.
    have := along m a; rewrite mulrBr => /eqP; rewrite subr_eq0 => /eqP h.
    by rewrite mulrC h mulrC.
  rewrite polar res => h; rewrite mulrBr -h; ring.
apply/esym/eqP; rewrite -subr_eq0; apply/eqP.
have : (\sum_(a < d) w i a ^+ 2) * (e i - \sum_(m < k) z i m) = 0.
  rewrite mulr_suml; apply: big1 => a _; by rewrite expr2 -mulrA used mulr0.
move=> h; rewrite -[LHS]mul1r -[1](subrK (\sum_(a < d) w i a ^+ 2)) mulrDl h addr0 mulrBr room subr0.
by rewrite mulrC edge.
Qed.

(* --- d => e: rays do not share atoms --- *)
Lemma d_e : spends -> enough.
Proof.
move=> [along amount]; rewrite /enough.
pose atoms := [seq [ffun a : 'I_d => D a (nat_of_ord j)] | j <- enum 'I_k].
have -> : k = size atoms by rewrite size_map size_enum_ord.
apply: uniq_leq_size; first exact: undup_uniq.
move=> v; rewrite mem_undup => /mapP[i]; rewrite mem_filter => /andP[ei _] ->.
have [_ pz _] := own.
have /existsP[j zj] : [exists j : 'I_k, 0 < z i j].
  apply: contraT; rewrite negb_exists => /forallP none.
  have : \sum_(m < k) z i m = 0.
    by apply: big1 => j _; apply/eqP; rewrite eq_le pz andbT leNgt none.
  by rewrite amount => e0; rewrite e0 ltxx in ei.
apply/mapP; exists j; first by rewrite mem_enum.
apply/ffunP => a; rewrite !ffunE; apply/esym/eqP; rewrite -subr_eq0.
by have := along i j a; move/eqP; rewrite mulf_eq0 (gt_eqF zj).
Qed.

(* --- e => c: one atom for each ray --- *)
Definition clustered (a m : nat) : real :=
  if (m < size rays)%N then (if insub a is Some a' then nth [ffun=> 0] rays m a' else 0) else D a m.
Definition clustered_codes (i m : nat) : real := if (0 < e i) && (m == index (ray i) rays) then e i else 0.

Lemma ray_in (i : 'I_n) : 0 < e i -> ray i \in rays.
Proof. by move=> ei; rewrite mem_undup; apply: map_f; rewrite mem_filter ei mem_enum. Qed.

Lemma on_the_sphere (i : 'I_n) : 0 < e i -> \sum_(a < d) w i a ^+ 2 = 1.
Proof. by move=> ei; have := edge i => /eqP; rewrite mulf_eq0 (gt_eqF ei) /= subr_eq0 => /eqP <-. Qed.

Lemma clustered_admissible : admissible k clustered clustered_codes b.
Proof.
have [units pz _] := own; split; last by right.
- move=> j; rewrite /clustered; case: ltnP => lt; last exact: units.
  have : nth [ffun=> 0] rays j \in rays by exact: mem_nth.
  rewrite {2}/rays mem_undup => /mapP[i]; rewrite mem_filter => /andP[ei _] h.
  rewrite -(on_the_sphere ei); apply: eq_bigr => a _.
  by rewrite valK h ffunE.
- move=> i j; rewrite /clustered_codes; case: ifP => // /andP[_ _]; exact: e_ge0.
Qed.

Lemma clustered_cost (i : 'I_n) : enough -> cost k clustered clustered_codes b i = bound b i.
Proof.
move=> few; rewrite /cost /bound.
have -> : \sum_(a < d) (x i a - b a) * w i a = (lambda i + e i) * (\sum_(a < d) w i a ^+ 2).
  by rewrite mulr_sumr; apply: eq_bigr => a _; rewrite polar -mulrA.
have [ei|le] := ltP 0 (e i).
  have place : (index (ray i) rays < k)%N by apply: leq_trans few; rewrite index_mem ray_in.
  have one (f : nat -> real) : \sum_(m < k) f m * clustered_codes i m = f (index (ray i) rays) * e i.
    rewrite (bigD1 (Ordinal place)) //= big1 ?addr0; first by rewrite /clustered_codes ei eqxx.
    move=> m ne; rewrite /clustered_codes ei /=; case: eqP => [h|_]; last by rewrite mulr0.
    by case/eqP: ne; apply: val_inj.
  have -> : \sum_(m < k) clustered_codes i m * lambda i = lambda i * e i.
    by rewrite -(one (fun _ => lambda i)); apply: eq_bigr => m _; rewrite mulrC.
  have res (a : 'I_d) : residual k clustered clustered_codes b i a = lambda i * w i a.
    rewrite /residual (one (fun m => clustered a m)) polar /clustered index_mem ray_in // valK nth_index ?ray_in //.
    by rewrite ffunE; ring.
  have -> : \sum_(a < d) residual k clustered clustered_codes b i a ^+ 2 = lambda i ^+ 2 * (\sum_(a < d) w i a ^+ 2).
    by rewrite mulr_sumr; apply: eq_bigr => a _; rewrite res exprMn.
  by rewrite on_the_sphere //; field.
have e0 : e i = 0 by apply/eqP; rewrite eq_le le e_ge0.
have none m : clustered_codes i m = 0 by rewrite /clustered_codes e0 ltxx.
have -> : \sum_(m < k) clustered_codes i m * lambda i = 0 by apply: big1 => m _; rewrite none mul0r.
have res (a : 'I_d) : residual k clustered clustered_codes b i a = lambda i * w i a.
  by rewrite /residual big1 => [|m _]; rewrite ?none ?mulr0 // polar e0; ring.
have -> : \sum_(a < d) residual k clustered clustered_codes b i a ^+ 2 = lambda i ^+ 2 * (\sum_(a < d) w i a ^+ 2).
  by rewrite mulr_sumr; apply: eq_bigr => a _; rewrite res exprMn.
by rewrite e0; field.
Qed.

Lemma e_c : enough -> attains.
Proof.
move=> few; apply/eqP; rewrite eq_le; apply/andP; split; last by apply: mean_le; exact: bound_le own.
have := minimal clustered_admissible; rewrite /objective.
by rewrite [X in _ <= X -> _](mean_ext (fun i => clustered_cost i few)).
Qed.

(* --- c => a: the bound holds at any width, also with another bias --- *)
Lemma c_a : attains -> stops.
Proof.
move=> att D' z' b' adm; rewrite att; have [_ _ same_bias] := adm.
have -> : \E_i (bound b i) = \E_i (bound b' i).
  apply/eqP; rewrite -subr_eq0 -meanB; apply/eqP.
  have -> : mean n weight (fun i => bound b i - bound b' i)
      = \sum_(a < d) (b' a - b a) * \E_i (r i a).
    rewrite /mean; under [RHS]eq_bigr do rewrite mulr_sumr; rewrite exchange_big /=.
    apply: eq_bigr => i _; have [res _ _] := attained_parts att i.
    rewrite /bound opprB addrA subrK -mulrBr -sumrB !mulr_sumr.
    by apply: eq_bigr => a _; rewrite res; ring.
  apply: big1 => a _; case: same_bias => [f|->]; last by rewrite subrr mul0r.
  by rewrite centred // mulr0.
by apply: mean_le; exact: bound_le adm.
Qed.

Theorem T1 : [/\ stops <-> within, within <-> attains, attains <-> spends & spends <-> enough].
Proof.
by split; split; auto using a_b, b_c, c_d, d_e, e_c, c_a.
Qed.

(* With fewer atoms than rays, one atom more gains something. *)
Theorem T1_falls : (k < size rays)%N ->
  exists D' z' b', admissible k.+1 D' z' b' /\ objective k.+1 D' z' b' < objective k D z b.
Proof.
move=> more.
have : ~~ [forall i : 'I_n, \sum_(a < d) r i a ^+ 2 <= lambda i ^+ 2].
  apply/negP => /forallP inside.
  by have := d_e (c_d (b_c inside)); rewrite /enough leqNgt more.
by rewrite negb_forall => /existsP[i]; rewrite -ltNge; exact: beyond_within.
Qed.
End T1.
Check T1.
Print Assumptions T1.
Check T1_falls.
Print Assumptions T1_falls.
Check polar_exists.
Print Assumptions polar_exists.

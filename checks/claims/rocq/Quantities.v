(* What statements are written in: means over samples, positive parts, activity; and how a sum is seen to be 0 or >= 0. *)
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint ring.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Section Quantities.
Variable real : realFieldType.

Definition mean (n : nat) (weight : nat -> real) (f : nat -> real) : real := \sum_(i < n) weight i * f i.
Definition pos (t : real) : real := Num.max t 0.
Definition neg (t : real) : real := pos t - t.
Definition active (t : real) : real := (0 < t)%R%:R.
Definition delta (i j : nat) : real := (i == j)%:R.

Lemma negE t : neg t = Num.max (- t) 0.
Proof.
rewrite /neg /pos /Num.max; case: (ltP t 0) => [lt|ge].
  by rewrite sub0r ltr_oppl oppr0 ltNge (ltW lt).
by rewrite subrr oppr_lt0; move: ge; rewrite le_eqVlt => /orP[/eqP <-|->] //; rewrite ltxx oppr0.
Qed.

(* --- 0 --- *)
Lemma zeroN (a : real) : a = 0 -> - a = 0. Proof. by move=> ->; rewrite oppr0. Qed.
Lemma zeroD (a c : real) : a = 0 -> c = 0 -> a + c = 0. Proof. by move=> -> ->; rewrite addr0. Qed.
Lemma zeroL (a c : real) : a = 0 -> a * c = 0. Proof. by move=> ->; rewrite mul0r. Qed.
Lemma zeroR (a c : real) : c = 0 -> a * c = 0. Proof. by move=> ->; rewrite mulr0. Qed.
Lemma zeroX (a : real) m : a = 0 -> a ^+ m.+1 = 0. Proof. by move=> ->; rewrite expr0n. Qed.
Lemma zeroS k (f : 'I_k -> real) : (forall i, f i = 0) -> \sum_(i < k) f i = 0.
Proof. by move=> h; apply: big1 => i _. Qed.
Lemma zeroE n (weight f : nat -> real) : (forall i : 'I_n, f i = 0) -> mean n weight f = 0.
Proof. by move=> h; apply: big1 => i _; rewrite h mulr0. Qed.
Lemma zeroB (a c : real) : a = c -> a - c = 0. Proof. by move=> ->; rewrite subrr. Qed.

(* --- >= 0 --- *)
Lemma zero_ge0 (a : real) : a = 0 -> 0 <= a. Proof. by move=> ->. Qed.
Lemma square_ge0 (a : real) m : ~~ odd m -> 0 <= a ^+ m. Proof. exact: exprn_even_ge0. Qed.
Lemma sum_ge0 k (f : 'I_k -> real) : (forall i, 0 <= f i) -> 0 <= \sum_(i < k) f i.
Proof. by move=> h; apply: sumr_ge0. Qed.
Lemma mean_ge0 n (weight f : nat -> real) :
  (forall i : 'I_n, 0 < weight i) -> (forall i : 'I_n, 0 <= f i) -> 0 <= mean n weight f.
Proof. by move=> w h; apply: sumr_ge0 => i _; rewrite mulr_ge0 ?(ltW (w i)). Qed.
Lemma inverse_ge0 (a : real) : 0 <= a -> 0 <= a^-1. Proof. by rewrite invr_ge0. Qed.
Lemma margin_ge0 (a c : real) : a <= c -> 0 <= c - a. Proof. by rewrite subr_ge0. Qed.
Lemma pos_ge0 t : 0 <= pos t. Proof. by rewrite /pos le_maxr lexx orbT. Qed.
Lemma neg_ge0 t : 0 <= neg t. Proof. by rewrite negE le_maxr lexx orbT. Qed.
Lemma active_ge0 t : 0 <= active t. Proof. exact: ler0n. Qed.
Lemma silent_ge0 t : 0 <= 1 - active t.
Proof. by rewrite /active; case: (0 < t)%R; rewrite ?subrr ?subr0 ?ler01. Qed.
Lemma delta_ge0 i j : 0 <= delta i j. Proof. exact: ler0n. Qed.
Lemma apart_ge0 i j : 0 <= 1 - delta i j.
Proof. by rewrite /delta; case: (i == j); rewrite ?subrr ?subr0 ?ler01. Qed.
(* Of a mean that is 0 of what is >= 0 there is nothing. *)
Lemma nowhere n (weight f : nat -> real) :
  (forall i : 'I_n, 0 < weight i) -> (forall i : 'I_n, 0 <= f i) -> mean n weight f = 0 -> forall i : 'I_n, f i = 0.
Proof.
move=> w h /eqP; rewrite /mean psumr_eq0 => [|i _]; last by rewrite mulr_ge0 ?(ltW (w i)).
move=> /allP all i; have := all i (mem_index_enum i); rewrite mulf_eq0 (gt_eqF (w i)) /= => /eqP; exact.
Qed.

(* --- facts that algebra alone does not know --- *)
Lemma restored (x b s : real) : x - (x - b - s) - b - s = 0.
Proof. by ring. Qed.
Lemma active_active t : active t * active t - active t = 0.
Proof. by rewrite /active; case: (0 < t)%R; rewrite ?mulr1 ?mulr0 subrr. Qed.
Lemma active_amount t : 0 <= t -> active t * t - t = 0.
Proof.
by rewrite /active le_eqVlt => /orP[/eqP <-|->]; rewrite ?mulr0 ?mul1r subrr.
Qed.
Lemma cancelled (t : real) : 0 < t -> t * t^-1 - 1 = 0.
Proof. by move=> h; rewrite divff ?subrr // gt_eqF. Qed.
Lemma same_delta j : delta j j - 1 = 0. Proof. by rewrite /delta eqxx subrr. Qed.
Lemma contracted k (j : 'I_k) (f : nat -> real) : \sum_(m < k) delta m j * f m - f j = 0.
Proof.
rewrite (bigD1 j) //= big1 => [|m ne]; first by rewrite /delta eqxx mul1r addr0 subrr.
by move: ne; rewrite -val_eqE /= => /negbTE; rewrite /delta => ->; rewrite mul0r.
Qed.

Lemma contracted' k (j : 'I_k) (f : nat -> real) : \sum_(m < k) delta j m * f m - f j = 0.
Proof. by rewrite -[RHS](contracted j f); congr (_ - _); apply: eq_bigr => m _; rewrite /delta eq_sym. Qed.

(* --- from a certificate to what is claimed --- *)
Lemma equal (l r c f : real) : l - r - c - f = 0 -> c = 0 -> f = 0 -> l = r.
Proof. by move=> h c0 f0; move: h; rewrite c0 f0 !subr0 => /eqP; rewrite subr_eq0 => /eqP. Qed.
Lemma at_most (l r c f : real) : r - l - c - f = 0 -> 0 <= c -> f = 0 -> l <= r.
Proof. by move=> h c0 f0; move: h; rewrite f0 subr0 => /eqP; rewrite subr_eq0 -subr_ge0 => /eqP ->. Qed.
End Quantities.

From Coq Require Import ZArith.
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint.
From mathcomp.zify Require Import ssrZ.
From mathcomp Require Import ring.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

Inductive ex :=
  | Zero | Num of positive | Inv of positive
  | Leaf of nat & seq nat
  | Opp of ex | Add of ex & ex | Mul of ex & ex
  | Sum of nat & ex.

Definition coefficient := (Z * positive)%type.
Definition factor := (nat * seq nat)%type.
Definition monomial := (seq nat * seq factor)%type.
Definition polynomial := seq (coefficient * monomial).

Definition shift (m p x : nat) := if (x < m)%N then x else (x + p)%N.
Definition reindex (f : nat -> nat) (s : seq factor) : seq factor := [seq (p.1, map f p.2) | p <- s].

Definition times (m : nat) (s t : coefficient * monomial) : coefficient * monomial :=
  let: ((a, p), (l, f)) := s in let: ((c, q), (k, g)) := t in
  ((Z.mul a c, Pos.mul p q),
   (l ++ k, reindex (shift (m + size l) (size k)) f ++ reindex (shift m (size l)) g)).

Fixpoint expand (m : nat) (e : ex) : polynomial :=
  match e with
  | Zero => [::]
  | Num p => [:: ((Zpos p, xH), ([::], [::]))]
  | Inv p => [:: ((Zpos xH, p), ([::], [::]))]
  | Leaf k s => [:: ((Zpos xH, xH), ([::], [:: (k, s)]))]
  | Opp e => [seq ((Z.opp t.1.1, t.1.2), t.2) | t <- expand m e]
  | Add e f => expand m e ++ expand m f
  | Mul e f => [seq times m s t | s <- expand m e, t <- expand m f]
  | Sum x e => [seq (t.1, (x :: t.2.1, t.2.2)) | t <- expand m.+1 e]
  end.

(* order of the summed indices *)
Fixpoint exchanged (i : nat) (l : seq nat) : seq nat :=
  match i, l with
  | 0%N, x :: y :: l => y :: x :: l
  | i.+1, x :: l => x :: exchanged i l
  | _, _ => l
  end.
Definition transposed (k x : nat) := if x == k then k.+1 else if x == k.+1 then k else x.
Definition exchange (m : nat) (t : monomial) (i : nat) : monomial :=
  if (i.+1 < size t.1)%N then (exchanged i t.1, reindex (transposed (m + i)) t.2) else t.

Fixpoint insertion (i : nat) (x : nat) (l : seq nat) : seq nat :=
  match l with
  | [::] => [::]
  | y :: l => if (x <= y)%N then [::] else i :: insertion i.+1 x l
  end.
Fixpoint sorting (i : nat) (l : seq nat) : seq nat :=
  match l with
  | [::] => [::]
  | x :: l => sorting i.+1 l ++ insertion i x (sort leq l)
  end.
Fixpoint orders (b c : nat) : seq (seq nat) :=
  match c with
  | c'.+1 => [seq p ++ [seq (b + c' - i.+1)%N | i <- iota 0 t] | p <- orders b c', t <- iota 0 c'.+1]
  | 0%N => [:: [::]]
  end.
Definition arrangements (l : seq nat) : seq (seq nat) :=
  foldr (fun x found => [seq p ++ q | p <- orders (count (fun y => y < x)%N l) (count_mem x l), q <- found])
    [:: [::]] (undup l).

Fixpoint before (s t : seq nat) : bool :=
  match s, t with
  | [::], _ => true
  | _, [::] => false
  | x :: s, y :: t => (x < y)%N || ((x == y) && before s t)
  end.
Definition key (p : factor) : seq nat := p.1 :: p.2.
Definition sorted_factors (s : seq factor) := sort (fun p q => before (key p) (key q)) s.
Definition arranged (m : nat) (t : monomial) (w : seq nat) : monomial :=
  let: (l, f) := foldl (exchange m) t w in (l, sorted_factors f).
Definition least (s t : monomial) : monomial :=
  if before (flatten (map key s.2)) (flatten (map key t.2)) then s else t.
Definition canonical (m : nat) (t : monomial) : monomial :=
  let w := sorting 0 t.1 in
  foldr (fun q found => least (arranged m t (w ++ q)) found) (arranged m t w) (arrangements t.1).

Definition plus (a c : coefficient) : coefficient :=
  if Pos.eqb a.2 c.2 then (Z.add a.1 c.1, a.2)
  else (Z.add (Z.mul a.1 (Zpos c.2)) (Z.mul c.1 (Zpos a.2)), Pos.mul a.2 c.2).
Fixpoint insert (c : coefficient) (t : monomial) (p : polynomial) : polynomial :=
  match p with
  | [::] => [:: (c, t)]
  | (a, s) :: p => if s == t then (plus a c, s) :: p else (a, s) :: insert c t p
  end.
Definition normal_form (m : nat) (e : ex) : polynomial :=
  foldr (fun t found => insert t.1 (canonical m t.2) found) [::] (expand m e).
Definition is_zero (m : nat) (e : ex) : bool :=
  all (fun t => Z.eqb t.1.1 Z0) (normal_form m e).

Section Soundness.
Variables (R : realFieldType) (leaf : nat -> seq nat -> R) (range : nat -> nat).

Fixpoint value (e : ex) (v : seq nat) : R :=
  match e with
  | Zero => 0
  | Num p => (Pos.to_nat p)%:R
  | Inv p => (Pos.to_nat p)%:R^-1
  | Leaf k s => leaf k (map (nth 0%N v) s)
  | Opp e => - value e v
  | Add e f => value e v + value f v
  | Mul e f => value e v * value f v
  | Sum x e => \sum_(i < range x) value e (rcons v i)
  end.

Fixpoint total (l : seq nat) (v : seq nat) (f : seq nat -> R) : R :=
  match l with
  | [::] => f v
  | x :: l => \sum_(i < range x) total l (rcons v i) f
  end.
Definition product (s : seq factor) (v : seq nat) : R :=
  \prod_(p <- s) leaf p.1 (map (nth 0%N v) p.2).
Definition number (c : coefficient) : R := (int_of_Z c.1)%:~R / (Pos.to_nat c.2)%:R.
Definition value_of_monomial (t : monomial) v := total t.1 v (product t.2).
Definition value_of (p : polynomial) v : R := \sum_(t <- p) number t.1 * value_of_monomial t.2 v.

Lemma total_ext l v1 v2 f g :
  (forall w, size w = size l -> g (v1 ++ w) = f (v2 ++ w)) -> total l v1 g = total l v2 f.
Proof.
elim: l v1 v2 => [|x l ih] v1 v2 h /=; first by have := h [::] erefl; rewrite !cats0.
by apply: eq_bigr => i _; apply: ih => w sw; rewrite !cat_rcons; apply: h; rewrite /= sw.
Qed.

Lemma total_mul l v f c : c * total l v f = total l v (fun u => c * f u).
Proof. by elim: l v => [|x l ih] v //=; rewrite mulr_sumr; apply: eq_bigr => i _. Qed.

Lemma total_cat l k v f g h :
  (forall s t, size s = size l -> size t = size k -> h (v ++ s ++ t) = f (v ++ s) * g (v ++ t)) ->
  total l v f * total k v g = total (l ++ k) v h.
Proof.
have gen : forall w, (forall s t, size s = size l -> size t = size k -> h (w ++ s ++ t) = f (w ++ s) * g (v ++ t)) ->
    total l w f * total k v g = total (l ++ k) w h.
  elim: l => [|x l ih] w hw /=.
    rewrite total_mul; apply/esym/total_ext => t st.
    by have := hw [::] t erefl st; rewrite /= cats0.
  rewrite mulr_suml; apply: eq_bigr => i _; apply: ih => s t ss st.
  by rewrite !cat_rcons; apply: (hw (nat_of_ord i :: s) t) => //=; rewrite ss.
exact: gen.
Qed.

Lemma total_exchanged i l v f g : (i.+1 < size l)%N ->
  (forall u a b w, size u = (size v + i)%N -> g (u ++ b :: a :: w) = f (u ++ a :: b :: w)) ->
  total (exchanged i l) v g = total l v f.
Proof.
elim: i l v => [|i ih] [|x [|y l]] v //= si h.
  rewrite exchange_big /=; apply: eq_bigr => a _; apply: eq_bigr => b _.
  apply: total_ext => w _; rewrite !cat_rcons; apply: h; by rewrite addn0.
apply: eq_bigr => a _; apply: ih => // u b c w su; apply: h.
by rewrite su size_rcons addSnnS.
Qed.

Lemma product_reindex f s v w :
  (forall x, nth 0%N w (f x) = nth 0%N v x) -> product (reindex f s) w = product s v.
Proof.
move=> h; rewrite /product /reindex big_map; apply: eq_bigr => p _ /=.
by rewrite -map_comp; congr (leaf _ _); apply: eq_map => x /=; rewrite h.
Qed.

Lemma exchange_sound t i v :
  value_of_monomial (exchange (size v) t i) v = value_of_monomial t v.
Proof.
rewrite /exchange; case: ifP => //= si; rewrite /value_of_monomial /=.
apply: total_exchanged => // u a b w su; apply: product_reindex => x.
rewrite /transposed -su; case: eqP => [->|/eqP n1].
  by rewrite !nth_cat ltnNge leqnSn /= subSnn /= ltnn subnn.
case: eqP => [->|/eqP n2].
  by rewrite !nth_cat ltnn subnn /= ltnNge leqnSn /= subSnn.
rewrite !nth_cat; case: ltnP => // le.
have : (x - size u)%N != 0%N by rewrite subn_eq0 -ltnNge ltn_neqAle eq_sym n1.
have : (x - size u)%N != 1%N.
  by apply: contra n2 => /eqP e; rewrite -(subnKC le) e addn1.
by case: (x - size u)%N => [|[|]].
Qed.

Lemma arranged_sound t w v :
  value_of_monomial (arranged (size v) t w) v = value_of_monomial t v.
Proof.
rewrite /arranged.
have -> : value_of_monomial t v = value_of_monomial (foldl (exchange (size v)) t w) v.
  by elim: w t => //= i w ih t; rewrite -ih exchange_sound.
case: (foldl _ _ _) => l f; rewrite /value_of_monomial /=; apply: total_ext => u _.
by rewrite /product; apply: perm_big; rewrite perm_sort.
Qed.

Lemma canonical_sound t v : value_of_monomial (canonical (size v) t) v = value_of_monomial t v.
Proof.
rewrite /canonical; elim: (arrangements _) => [|q s ih] /=; first exact: arranged_sound.
by rewrite /least; case: ifP => _; rewrite ?arranged_sound ?ih.
Qed.

Lemma size_neq0 (p : positive) : (Pos.to_nat p)%:R != 0 :> R.
Proof. by rewrite pnatr_eq0; case: (Pos.to_nat p) (Pos2Nat.is_pos p) => // /Nat.lt_irrefl. Qed.

Lemma int_of_pos (p : positive) : (int_of_Z (Zpos p))%:~R = (Pos.to_nat p)%:R :> R.
Proof. by rewrite /= -pmulrn. Qed.

Lemma int_of_add (a c : Z) : (int_of_Z (Z.add a c))%:~R = (int_of_Z a)%:~R + (int_of_Z c)%:~R :> R.
Proof. by rewrite -intrD -[in RHS](rmorphD ZInstances.int_of_Z_rmorphism). Qed.

Lemma int_of_mul (a c : Z) : (int_of_Z (Z.mul a c))%:~R = (int_of_Z a)%:~R * (int_of_Z c)%:~R :> R.
Proof. by rewrite -intrM -[in RHS](rmorphM ZInstances.int_of_Z_rmorphism). Qed.

Lemma int_of_opp (a : Z) : (int_of_Z (Z.opp a))%:~R = - (int_of_Z a)%:~R :> R.
Proof. by rewrite -mulrNz -[in RHS](rmorphN ZInstances.int_of_Z_rmorphism). Qed.

Lemma plus_sound a c : number (plus a c) = number a + number c.
Proof.
rewrite /plus /number; case: Pos.eqb_spec => [e|_] /=.
  by rewrite int_of_add mulrDl e.
rewrite int_of_add !int_of_mul !int_of_pos Pos2Nat.inj_mul natrM.
by field; rewrite !size_neq0.
Qed.

Lemma insert_sound c t p v :
  value_of (insert c t p) v = number c * value_of_monomial t v + value_of p v.
Proof.
rewrite /value_of; elim: p => [|[a s] p ih] /=; first by rewrite big_seq1 big_nil addr0.
case: eqP => [->|_]; rewrite !big_cons /=; last by rewrite ih addrCA.
by rewrite plus_sound mulrDl -addrA addrCA.
Qed.

Lemma times_sound s t v :
  number (times (size v) s t).1 * value_of_monomial (times (size v) s t).2 v
  = (number s.1 * value_of_monomial s.2 v) * (number t.1 * value_of_monomial t.2 v).
Proof.
case: s t => [[a p] [l f]] [[c q] [k g]] /=; rewrite mulrACA; congr (_ * _).
  rewrite /number /= int_of_mul Pos2Nat.inj_mul natrM; by field; rewrite !size_neq0.
rewrite /value_of_monomial /=; apply/esym/total_cat => r u sr su.
rewrite {1}/product big_cat /= -!/(product _ _); congr (_ * _); apply: product_reindex => x.
  rewrite /shift; case: ltnP => lt.
    by rewrite catA nth_cat size_cat sr lt.
  rewrite catA !nth_default // !size_cat ?sr ?su //; by rewrite leq_add2r.
rewrite /shift; case: ltnP => lt; first by rewrite !nth_cat lt.
rewrite !nth_cat (ltnNge _ (size v)) (ltnNge _ (size v)) lt (leq_trans lt (leq_addr _ _)) /=.
by rewrite -addnBAC // sr ltnNge leq_addl /= addnK.
Qed.

Lemma expand_sound e v : value_of (expand (size v) e) v = value e v.
Proof.
rewrite /value_of; elim: e v => [|p|p|k s|e ih|e ih f ihf|e ih f ihf|x e ih] v /=.
- by rewrite big_nil.
- by rewrite big_seq1 /number /value_of_monomial int_of_pos /= /product big_nil divr1 mulr1.
- by rewrite big_seq1 /number /value_of_monomial /= /product big_nil mul1r mulr1.
- by rewrite big_seq1 /number /value_of_monomial /= /product big_seq1 divr1 mul1r.
- rewrite big_map -ih -sumrN; apply: eq_bigr => t _ /=.
  by rewrite /number /= int_of_opp !mulNr.
- by rewrite big_cat /= ih ihf.
- rewrite big_allpairs_dep /= -ih -ihf mulr_suml; apply: eq_bigr => s _.
  by rewrite mulr_sumr; apply: eq_bigr => t _; rewrite times_sound.
- rewrite big_map; transitivity (\sum_(i < range x) value_of (expand (size v).+1 e) (rcons v i)).
    rewrite exchange_big /=; apply: eq_bigr => t _; by rewrite /value_of_monomial /= mulr_sumr.
  by apply: eq_bigr => i _; rewrite -ih size_rcons.
Qed.

Lemma vanishes e v : is_zero (size v) e -> value e v = 0.
Proof.
rewrite -expand_sound /is_zero /normal_form.
have -> : value_of (expand (size v) e) v
    = value_of (foldr (fun t found => insert t.1 (canonical (size v) t.2) found) [::] (expand (size v) e)) v.
  elim: (expand _ _) => [|t p ih] //=.
  by rewrite insert_sound canonical_sound -ih /value_of big_cons.
elim: (foldr _ _ _) => [|[[a p] t] q ih] /=; first by rewrite /value_of big_nil.
case/andP => /Z.eqb_eq /= -> /ih h; by rewrite /value_of big_cons /= /number /= !mul0r add0r.
Qed.
End Soundness.
Strategy expand [value].

(* A1. The activation-weighted mean residual of a feature is its own atom, times the penalty it pays.

E[r z_j] = E[z_j φ'(z_j)] d_j at any stationary dictionary with unit-norm atoms; for L1 it is λ E[z_j] d_j.
Boundary: vacuous for dead features (E[z_j] = 0). Needs codes stationary in scale only, so that it holds for SAEs too.

Reference: THEORY A1; W. Dorrell (2026), arXiv:2606.02385.

Objective: any; of the derivative phi' of its penalty only a sign is used. *)
From Coq Require Import PArith.
From mathcomp Require Import all_ssreflect ssralg ssrnum ssrint.
From SaeLaws Require Import Sums Quantities.
Set Implicit Arguments.
Unset Strict Implicit.
Unset Printing Implicit Defensive.
Import Order.Theory GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(* 'I_k are the numbers below k, and a sum over m < k is over all of them. Of Quantities.v:
     mean n weight f = \sum_(i < n) weight i * f i     pos t = max t 0        neg t = pos t - t = max (- t) 0
     active t = 1 if 0 < t, else 0                     delta i j = 1 if i = j, else 0                          *)

Section A1.
Variable real : realFieldType.
Variables n d k : nat. (* samples, coordinates, atoms *)
Variable weight : nat -> real.
Hypothesis weight_gt0 : forall i : 'I_n, 0 < weight i.
Hypothesis weight_total : \sum_(i < n) weight i = 1.
Notation "\E_ i f" := (mean n weight (fun i => f)) (at level 36, i name, f at level 41).
Variable x : nat -> nat -> real.
Variable b : nat -> real.
Variable D : nat -> nat -> real.
Variable z : nat -> nat -> real.
Variable phi' : nat -> real -> real.
Variable nu : nat -> real.
Definition r (i a : nat) : real := x i a - b a - \sum_(m < k) (D a m * z i m).
Hypothesis z_ge0 : forall (i : 'I_n) (j : 'I_k), 0 <= z i j.
Hypothesis phi'_ge0 : forall (i : nat) (t : real), 0 <= t -> 0 <= phi' i t.
(* atoms: the mean loss is stationary in d_j, with the multiplier nu_j of its norm *)
Hypothesis atom_holds : forall (a : 'I_d) (j : 'I_k), nu j * D a j - \E_i (r i a * z i j) = 0.
(* codes: scaling those of unit j by a factor near 1 does not change the mean loss *)
Hypothesis scale_holds : forall (j : 'I_k), \E_i (z i j * phi' i (z i j)) - \sum_(a < d) ((\E_i (r i a * z i j)) * D a
  j) = 0.
(* atoms have norm 1 *)
Hypothesis unit_holds : forall (j : 'I_k), \sum_(a < d) (D a j ^+ 2) - 1 = 0.

Theorem claim_A1 (a : 'I_d) (j : 'I_k) :
  \E_i (r i a * z i j) = (\E_i (z i j * phi' i (z i j))) * D a j.
Proof.
apply: (@equal real _ _
    (* certificate *) ((\sum_(c < d) (D c j * (nu j * D c j - \E_i (r i c * z i j))) - (\E_i (z i j * phi' i (z i j)) -
      \sum_(a < d) ((\E_i (r i a * z i j)) * D a j)) - nu j * (\sum_(a < d) (D a j ^+ 2) - 1)) * D a j - (nu j * D a j -
      \E_i (r i a * z i j)))
    (* facts *) (0)).
- pose leaf := fun (number : nat) (indices : seq nat) => match number with | 0 => weight (nth 0%N indices 0) | 1 => r
    (nth 0%N indices 0) (nth 0%N indices 1) | 2 => z (nth 0%N indices 0) (nth 0%N indices 1) | 3 => phi' (nth 0%N
    indices 0) (z (nth 0%N indices 0) (nth 0%N indices 1)) | 4 => D (nth 0%N indices 0) (nth 0%N indices 1) | 5 => nu
    (nth 0%N indices 0) | _ => 0 end.
  pose range (axis : nat) := nth 0%N [:: n; d; k; 0; 0]%N axis.
  have identity : is_zero 2 (Add (Add (Add (Sum 0 (Mul (Leaf 0 [:: 2]%N) (Mul (Leaf 1 [:: 2; 0]%N) (Leaf 2 [:: 2;
    1]%N)))) (Opp (Mul (Sum 0 (Mul (Leaf 0 [:: 2]%N) (Mul (Leaf 2 [:: 2; 1]%N) (Leaf 3 [:: 2; 1]%N)))) (Leaf 4 [:: 0;
    1]%N)))) (Opp (Add (Mul (Add (Add (Sum 1 (Mul (Leaf 4 [:: 2; 1]%N) (Add (Mul (Leaf 5 [:: 1]%N) (Leaf 4 [:: 2; 1]%N))
    (Opp (Sum 0 (Mul (Leaf 0 [:: 3]%N) (Mul (Leaf 1 [:: 3; 2]%N) (Leaf 2 [:: 3; 1]%N)))))))) (Opp (Add (Sum 0 (Mul (Leaf
    0 [:: 2]%N) (Mul (Leaf 2 [:: 2; 1]%N) (Leaf 3 [:: 2; 1]%N)))) (Opp (Sum 1 (Mul (Sum 0 (Mul (Leaf 0 [:: 3]%N) (Mul
    (Leaf 1 [:: 3; 2]%N) (Leaf 2 [:: 3; 1]%N)))) (Leaf 4 [:: 2; 1]%N))))))) (Opp (Mul (Leaf 5 [:: 1]%N) (Add (Sum 1 (Mul
    (Leaf 4 [:: 2; 1]%N) (Leaf 4 [:: 2; 1]%N))) (Opp (Num 1)))))) (Leaf 4 [:: 0; 1]%N)) (Opp (Add (Mul (Leaf 5 [:: 1]%N)
    (Leaf 4 [:: 0; 1]%N)) (Opp (Sum 0 (Mul (Leaf 0 [:: 2]%N) (Mul (Leaf 1 [:: 2; 0]%N) (Leaf 2 [:: 2; 1]%N))))))))))
    (Opp Zero)) by vm_compute.
  have sums := @vanishes real leaf range _ [:: nat_of_ord a; nat_of_ord j] identity.
  by cbv [value leaf range nth map rcons] in sums; exact: sums.
- (apply: zeroD; [(apply: zeroL; (apply: zeroD; [(apply: zeroD; [(apply: zeroS => t0; (apply: zeroR; exact: (atom_holds
    t0 j))) | (apply: zeroN; exact: (scale_holds j))]) | (apply: zeroN; (apply: zeroR; exact: (unit_holds j)))])) |
    (apply: zeroN; exact: (atom_holds a j))]).
- reflexivity.
Qed.
End A1.

Check claim_A1.
Print Assumptions claim_A1.

"""python -m tests.mutants [WORD]: a table of all mutants, or of those with the word in their name."""

import sys
from collections import Counter

from tests.mutants.catalogue import MUTANTS
from tests.mutants.harness import Outcome, run


def main(words: list[str]) -> int:
    chosen = [mutant for mutant in MUTANTS if all(word in mutant.name for word in words)]
    counts: Counter[Outcome] = Counter()
    for mutant, outcome in run(chosen):
        counts[outcome] += 1
        print(f"{outcome:10}  {mutant.name}" + (f"  ({mutant.equivalent})" if mutant.equivalent else ""), flush=True)
    print(", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome))
    return int(counts[Outcome.SURVIVED] + counts[Outcome.INVALID] > 0 or not chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

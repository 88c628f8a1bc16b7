"""Prints the proof: every weight of the full-size networks, its count, and bytes by strategy.

python -m tests.full_size

Exit status: 0, or 1 when a network differs from its table.
"""

from __future__ import annotations

import sys

from engine.checkpoints.catalogue import Feature, known_model
from engine.memory.estimate import Work, estimate
from engine.memory.machine import GIB, Device, Machine
from engine.memory.plan import make_plan
from engine.memory.strategies import TRAITS, Strategy
from tests.full_size.tables import compare_all

CARDS_GIB = (8, 12, 16, 24, 48)
MEMORY_GIB = 32


def main() -> int:
    """Returns the exit status."""
    compared = compare_all()
    print(f"{'network':<28}{'weights':>8}{'parameters':>17}{'bytes':>17}  table")
    for each in compared:
        verdict = "equal" if not each.differences else "DIFFERENT"
        print(
            f"{each.title:<28}{each.weights:>8}{each.parameters:>17,}"
            f"{each.parameters * each.bytes_each:>17,}  {verdict}"
        )
        for line in each.differences[:5]:
            print(f"    {line}")
    art, work = known_model("art-plus"), Work(Feature.TEXT_TO_LAYERS)
    print(f"\n{art.title}, 1024 x 1024 px, ten boxes of a sixth of the canvas each, bytes:")
    machine = Machine.of(Device.CUDA, 48 * GIB, MEMORY_GIB * GIB)
    for strategy in Strategy:
        made = estimate(art, work, strategy, machine)
        print(f"  {TRAITS[strategy].title:<28}{made.vram:>16,} card{made.ram:>16,} memory")
    print(f"\nChosen with {MEMORY_GIB} GiB of main memory:")
    for size in CARDS_GIB:
        plan = make_plan(art, work, Machine.of(Device.CUDA, size * GIB, MEMORY_GIB * GIB))
        print(f"  {size:>2} GiB: {plan.reason}")
    return 1 if any(each.differences for each in compared) else 0


if __name__ == "__main__":
    sys.exit(main())

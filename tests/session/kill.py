"""Kills an editing process at random moments and checks what is left.

`python -m tests.session.kill [--rounds N] [--seed N]`. After each kill the file must hold exactly
what was saved before or what was being saved, and file and autosave together must be at most one
gesture or ten seconds behind the process. The next process recovers from what the last one left, as
the program does at its start.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from editor.formats.errors import FormatError
from editor.formats.files import read_document
from editor.session.runs import find_abandoned
from tests.session.kill_child import places_of, target_of

LONGEST_LIFE_S = 1.5  # after the first gesture
LONGEST_START_S = 2.0  # for the rounds that kill while the program begins
START_SHARE = 0.15
START_LIMIT_S = 300.0
MAX_LOST_GESTURES = 1
MAX_LOST_S = 10.0


@dataclass
class Journal:
    """What the killed process said.

    Attributes:
        states: (hash, time) of every content it had, in order.
        saved: Hash of the last complete save; empty = none.
        saving: Hashes of saves that began and did not end.
        trouble: What the autosave complained about.
    """

    states: list[tuple[str, float]] = field(default_factory=list)
    saved: str = ""
    saving: set[str] = field(default_factory=set)
    trouble: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What many kills showed."""

    rounds: int = 0
    in_a_save: int = 0
    at_the_start: int = 0
    new_file: int = 0
    recovered: int = 0
    lost_gestures: int = 0
    lost_s: float = 0.0
    failures: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills ({self.at_the_start} while starting, {self.in_a_save} in a save; "
            f"{self.recovered} with work to recover)\n"
            f"file: always the old or the new document ({self.new_file} times the new one, "
            "its save not yet reported)\n"
            f"lost at most: {self.lost_gestures} gestures, {self.lost_s:.2f} s\n"
            f"failures: {len(self.failures)}" + "".join(f"\n  {text}" for text in self.failures)
        )


def run(rounds: int, seed: int, folder: Path) -> Outcome:
    """Kill a process this often; all of them work on one document in `folder`."""
    chance = random.Random(seed)
    outcome = Outcome()
    for number in range(rounds):
        before = _read_journal(folder)
        killed_at = _start_and_kill(folder, seed * 10_000 + number, chance, outcome)
        outcome.rounds += 1
        file_hash = check(folder, before, killed_at, f"kill {number + 1}", outcome)
        with (folder / "journal").open("a") as journal:
            journal.write(f"checked {file_hash}\n")
    return outcome


def _start_and_kill(folder: Path, seed: int, chance: random.Random, outcome: Outcome) -> float:
    """Time of the kill."""
    words = [sys.executable, "-m", "tests.session.kill_child", str(folder), str(seed)]
    ready_before = _count_ready(folder)
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True) as process:
        if chance.random() < START_SHARE:
            outcome.at_the_start += 1
            time.sleep(chance.random() * LONGEST_START_S)
        else:
            _wait_ready(folder, ready_before, process)
            time.sleep(chance.random() * LONGEST_LIFE_S)
        if process.poll() is not None:
            outcome.failures.append(f"the process ended by itself: {process.communicate()[1]}")
        killed_at = time.time()
        process.kill()
        said = process.communicate()[1]
        if said:
            outcome.failures.append(f"the process said: {said.strip().splitlines()[-1]}")
    return killed_at


def _wait_ready(folder: Path, before: int, process: subprocess.Popen[str]) -> None:
    limit = time.monotonic() + START_LIMIT_S
    while _count_ready(folder) == before and process.poll() is None:
        if time.monotonic() > limit:
            raise TimeoutError("the process did not begin")
        time.sleep(0.005)


def _count_ready(folder: Path) -> int:
    return _lines(folder).count("ready")


def check(folder: Path, before: Journal, killed_at: float, name: str, outcome: Outcome) -> str:
    """Compare what is left with the journal; adds to the outcome. Hash of the file's document."""
    journal = _read_journal(folder)
    outcome.in_a_save += bool(journal.saving - before.saving)
    faults = [f"autosave said {text}" for text in journal.trouble[len(before.trouble) :]]
    file_hash = _file_hash(folder, faults)
    allowed = {journal.saved, *journal.saving} if journal.saved else {"", *journal.saving}
    if file_hash not in allowed:
        faults.append(f"the file holds {file_hash or 'nothing'}, which is neither old nor new")
    outcome.new_file += file_hash in journal.saving and file_hash != journal.saved
    recovered = _recovered_hashes(folder, faults)
    outcome.recovered += bool(recovered)
    if journal.states:
        _check_loss(journal, {file_hash, *recovered}, killed_at, outcome, faults)
    outcome.failures += [f"{name}: {fault}" for fault in faults]
    return file_hash


def _check_loss(
    journal: Journal, left: set[str], killed_at: float, outcome: Outcome, faults: list[str]
) -> None:
    newest = max((i for i, (one, _) in enumerate(journal.states) if one in left), default=-1)
    lost = len(journal.states) - 1 - newest
    if lost == 0:
        return
    lost_s = killed_at - journal.states[newest + 1][1]
    outcome.lost_gestures = max(outcome.lost_gestures, lost)
    outcome.lost_s = max(outcome.lost_s, lost_s)
    if lost > MAX_LOST_GESTURES and lost_s > MAX_LOST_S:
        faults.append(f"{lost} gestures and {lost_s:.1f} s are lost")


def _file_hash(folder: Path, faults: list[str]) -> str:
    """Hash of the document in the file; empty when there is none."""
    path = target_of(folder)
    if not path.exists():
        return ""
    try:
        return read_document(path).document.state_hash()
    except FormatError as error:
        faults.append(error.message)
        return "unreadable"


def _recovered_hashes(folder: Path, faults: list[str]) -> list[str]:
    found = []
    for run_left in find_abandoned(places_of(folder)):
        if run_left.is_damaged:
            faults.append("an autosave is damaged")
        for entry in run_left.entries:
            try:
                found.append(run_left.load(entry.key).state_hash())
            except FormatError as error:
                faults.append(f"recovery: {error.message} {error.detail}")
        run_left.leave()
    return found


def _lines(folder: Path) -> list[str]:
    path = folder / "journal"
    return path.read_text(encoding="utf-8").split("\n") if path.exists() else []


def _read_journal(folder: Path) -> Journal:
    journal = Journal()
    for line in _lines(folder):
        kind, _, rest = line.partition(" ")
        words = rest.split()
        if kind == "state":
            journal.states.append((words[0], float(words[1])))
        elif kind == "checked":
            journal.saved = rest
            journal.saving.clear()  # what was being saved is old or new by now
        elif kind == "save":
            journal.saving.add(words[0])
        elif kind == "saved":
            journal.saved = words[0]
            journal.saving.discard(words[0])
        elif kind == "trouble":
            journal.trouble.append(rest)
    return journal


def main() -> int:
    """1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.session.kill")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(options.rounds, options.seed, Path(folder))
    print(outcome)
    return 1 if outcome.failures else 0


if __name__ == "__main__":
    sys.exit(main())

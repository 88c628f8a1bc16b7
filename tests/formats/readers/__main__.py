"""Prints what other programs read in the matrix document that we write.

python -m tests.formats.readers [--json] [--quick]

`--quick` leaves out GIMP and Krita, which take some seconds to start. Exit status: 0, or 1 when a
program reads something else than we wrote and no known limit of that program explains it.
"""

from __future__ import annotations

import argparse
import json
import sys

from tests.formats.readers.table import make_table


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.formats.readers")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--quick", action="store_true", help="without GIMP and Krita")
    options = parser.parse_args()
    table = make_table(quick=options.quick)
    print(json.dumps(table.as_json()) if options.json else table.as_text())
    return 1 if table.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

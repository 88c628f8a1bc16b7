"""`python -m tests.translations` brings the catalogues up to date and lists what is to be done.

New texts get an empty entry to be filled in, those that have left the source are removed, and the
file is sorted; run it again after filling in. Ends with 1 while something is to be done.
"""

from __future__ import annotations

import sys

import resources
from editor.po_files import format_po, read_po
from tests.translations.catalogue import faults, updated
from tests.translations.source_texts import texts_of_source


def main() -> int:
    """Update all catalogues."""
    wanted = list(texts_of_source().values())
    count = 0
    for path in sorted(resources.locate("translations").glob("*.po")):
        entries = updated(read_po(path), wanted)
        path.write_text(format_po(entries), encoding="utf-8")
        for line in faults(entries, wanted):
            print(f"{path.name}: {line}")
            count += 1
        print(f"{path.name}: {len(wanted)} texts")
    return 1 if count else 0


sys.exit(main())

"""The process that reads a file of another program: `python -m editor.formats.open_child`.

Words: FILE FOLDER BYTES. The document goes into FOLDER (`handover`); lines of JSON on the standard
output tell the finished share, the result or why there is none. Torch and Qt are not loaded here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from editor.formats.errors import FormatError
from editor.formats.files import read_document
from editor.formats.handover import hand_over
from editor.formats.memory_limit import limit_memory
from editor.translations import activate, tr

_ADDRESS_SPACE_BYTES = 4 * 2**30  # beyond the memory: libraries and threads reserve, not use, it


def main(words: list[str]) -> None:
    """Reads one file and ends."""
    source, folder, limit, language = Path(words[0]), Path(words[1]), int(words[2]), words[3]
    activate(language)
    _limit_address_space(limit + _ADDRESS_SPACE_BYTES)
    limit_memory(limit)
    try:
        opened = read_document(source, progress=lambda share: _tell(share=share))
        hand_over(opened.document.snapshot(), folder)
    except FormatError as error:
        _tell(error=error.message, detail=error.detail)
    except MemoryError as error:
        text = tr("{source} needs more memory than there is; close other programs.", source=source)
        _tell(error=text, detail=repr(error))
    except OSError as error:
        text = tr(
            "{source} could not be read ({reason}); check the file.",
            source=source,
            reason=error.strerror or error,
        )
        _tell(error=text, detail=repr(error))
    else:
        _tell(is_ours=opened.is_ours, notes=opened.notes)


def _tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _limit_address_space(size: int) -> None:
    try:
        import resource
    except ImportError:  # Windows; the parent looks at the memory itself
        return
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    main(sys.argv[1:])

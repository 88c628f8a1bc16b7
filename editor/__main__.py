"""`python -m editor`: the program as `layerloom` starts it, a terminal command or the window."""

import sys

from editor.launch import main

if __name__ == "__main__":
    sys.exit(main())

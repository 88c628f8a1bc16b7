"""The compositor's machine code: written in Python, compiled once for this machine, then loaded."""

"""The action table, shortcuts and the search of the command palette, without a window."""

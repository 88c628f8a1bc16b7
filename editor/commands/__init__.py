"""Every change of a document is a command from here, run and undone by the history."""

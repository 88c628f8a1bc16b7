"""Tools: small state machines fed with canvas positions; no Qt, no widgets."""

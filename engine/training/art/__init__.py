"""Where drawings come from: fetched icon sets, ink, copies in other colours, drawn backgrounds."""

"""The parts of the fixed evaluation, and what is measured beside it."""

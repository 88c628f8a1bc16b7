"""Side-by-side measurements; nothing here runs with the tests."""

"""What full-size models take, how they are fitted into a machine, and what was measured."""

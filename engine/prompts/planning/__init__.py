"""From prompt and boxes to the plan of a scene or of one layer, with notes for the user."""

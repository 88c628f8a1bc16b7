"""How the starter model is made: art, data sets, training runs and the fixed evaluation."""

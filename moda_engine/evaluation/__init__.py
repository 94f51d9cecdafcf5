"""How good a checkpoint is: the five published measures and what confidence is worth."""

"""Training: recipes, data, the trainer. The inference side of the engine never imports this."""

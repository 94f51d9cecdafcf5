"""Words for labels, sentences from labels, labels from sentences. Knows nothing of models."""

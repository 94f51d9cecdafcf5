"""Experiments on what approved captions teach: a module each, run by `benchmarks.learning_loop`."""

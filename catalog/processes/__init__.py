"""The processes of one installation on one machine, started and watched by `serve` and `demo`."""

"""The commands of `python -m moda_engine`, one file each: `add_arguments` and `run`."""

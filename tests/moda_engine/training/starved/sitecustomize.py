"""Read by each Python whose PYTHONPATH names this folder: the second of several processes finds no
memory when it opens the cache of features.
"""

import os
import sys


def _starve(event: str, arguments: tuple[object, ...]) -> None:
    if event == "sqlite3.connect":
        import torch

        torch.empty(1 << 45)


if os.environ.get("RANK") == "1":
    sys.addaudithook(_starve)

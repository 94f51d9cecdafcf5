"""The engine's tiny checkpoint and small photos, for the laboratory's tests too."""

from tests.moda_engine.conftest import checkpoint, imagefolder, photos

__all__ = ["checkpoint", "imagefolder", "photos"]

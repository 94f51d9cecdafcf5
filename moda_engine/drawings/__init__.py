"""Product shots of fashion items drawn by code, for the demo catalog and for training."""

from moda_engine.drawings.catalog import DemoProduct, demo_catalog
from moda_engine.drawings.colours import COLOURS
from moda_engine.drawings.illustrator import draw
from moda_engine.drawings.imagefolder import write_imagefolder
from moda_engine.drawings.random_catalog import random_catalog
from moda_engine.drawings.specification import (
    PATTERNS,
    PRODUCT_TYPES,
    DrawingSpecification,
    random_specification,
)

__all__ = [
    "COLOURS",
    "PATTERNS",
    "PRODUCT_TYPES",
    "DemoProduct",
    "DrawingSpecification",
    "demo_catalog",
    "draw",
    "random_catalog",
    "random_specification",
    "write_imagefolder",
]

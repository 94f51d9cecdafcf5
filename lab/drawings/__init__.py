"""Product shots of fashion items drawn by code, for the demo catalog and for training."""

from lab.drawings.catalog import DemoProduct, demo_catalog
from lab.drawings.colours import COLOURS
from lab.drawings.illustrator import draw
from lab.drawings.imagefolder import write_imagefolder
from lab.drawings.random_catalog import random_catalog
from lab.drawings.specification import (
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

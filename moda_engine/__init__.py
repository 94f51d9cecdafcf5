"""MODA: describes fashion items from a photo. Stands on its own; knows no Django.

Names are loaded when they are first used, so that `import moda_engine` costs nothing. From then on
transformers' Auto classes and pipelines know MODA's models.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from moda_engine.registration import register_with_transformers

#: As in pyproject.toml; also where the library runs from its folder and is not installed.
__version__ = "0.1.0"

_HOMES = {
    "STARTER_DIRECTORY": "moda_engine.checkpoint",
    "DescribeOptions": "moda_engine.describing.description",
    "Describer": "moda_engine.describing.describer",
    "Description": "moda_engine.describing.description",
    "DualEncoder": "moda_engine.dual_encoder",
    "DualEncoderConfig": "moda_engine.configuration",
    "ModaConfig": "moda_engine.configuration",
    "ModaForCaptioning": "moda_engine.model",
    "ModaImageProcessor": "moda_engine.image_processor",
    "ModaProcessor": "moda_engine.processor",
}

if TYPE_CHECKING:
    from moda_engine.checkpoint import STARTER_DIRECTORY as STARTER_DIRECTORY
    from moda_engine.configuration import DualEncoderConfig as DualEncoderConfig
    from moda_engine.configuration import ModaConfig as ModaConfig
    from moda_engine.describing.describer import Describer as Describer
    from moda_engine.describing.description import DescribeOptions as DescribeOptions
    from moda_engine.describing.description import Description as Description
    from moda_engine.dual_encoder import DualEncoder as DualEncoder
    from moda_engine.image_processor import ModaImageProcessor as ModaImageProcessor
    from moda_engine.model import ModaForCaptioning as ModaForCaptioning
    from moda_engine.processor import ModaProcessor as ModaProcessor

__all__ = [
    "STARTER_DIRECTORY",
    "DescribeOptions",
    "Describer",
    "Description",
    "DualEncoder",
    "DualEncoderConfig",
    "ModaConfig",
    "ModaForCaptioning",
    "ModaImageProcessor",
    "ModaProcessor",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


register_with_transformers()

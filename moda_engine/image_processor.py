"""Photos to pixels, without cropping: product shots are 3:4 on white, so they are padded."""

from typing import Any

import numpy as np
from PIL import Image, ImageOps
from transformers import AutoImageProcessor
from transformers.image_processing_backends import PilBackend
from transformers.image_utils import PILImageResampling

from moda_engine.configuration import DualEncoderConfig


class ModaImageProcessor(PilBackend):
    """Pads a photo to a white square of `size`, scales to 0–1 and normalises a channel."""

    model_input_names = ["pixel_values"]
    resample = PILImageResampling.BICUBIC
    image_mean = [0.5, 0.5, 0.5]
    image_std = [0.5, 0.5, 0.5]
    size = {"height": 112, "width": 112}
    do_resize = False  # done with the padding, in `process_image`
    do_rescale = True
    do_normalize = True
    do_convert_rgb = True

    def process_image(self, image: Any, *args: Any, **kwargs: Any) -> np.ndarray:
        """One picture as (3, height, width), 0–255."""
        if not isinstance(image, Image.Image):
            image = Image.fromarray(np.asarray(image))
        square = pad_to_square(image, self.size["height"], Image.Resampling(self.resample))
        return np.asarray(square).transpose(2, 0, 1)


def pad_to_square(
    image: Image.Image, side: int, resample: Image.Resampling = Image.Resampling.BICUBIC
) -> Image.Image:
    """`image` whole, in RGB, centred on a white square of `side` pixels."""
    return ImageOps.pad(image.convert("RGB"), (side, side), resample, color="white")


AutoImageProcessor.register(
    DualEncoderConfig, image_processor_classes={"pil": ModaImageProcessor}, exist_ok=True
)

import numpy as np
import pytest
from PIL import Image, ImageOps
from transformers.image_utils import PILImageResampling

from moda_engine.image_processor import ModaImageProcessor


def checked_photo():
    """Squares of two pixels: what is reduced sharply differs from what is reduced softly."""
    rows, columns = np.indices((90, 60)) // 2
    return Image.fromarray((((rows + columns) % 2) * 200).astype(np.uint8)).convert("RGB")


@pytest.mark.parametrize("resample", [PILImageResampling.BILINEAR, PILImageResampling.BICUBIC])
def test_a_photo_is_reduced_as_its_processor_says(tmp_path, resample):
    processor = ModaImageProcessor(size={"height": 32, "width": 32}, resample=resample)
    processor.save_pretrained(tmp_path)
    loaded = ModaImageProcessor.from_pretrained(tmp_path)
    photo = checked_photo()
    padded = ImageOps.pad(photo, (32, 32), Image.Resampling(resample), color="white")
    expected = np.asarray(padded, dtype=np.float32).transpose(2, 0, 1) / 127.5 - 1
    pixels = loaded(photo, return_tensors="np")["pixel_values"][0]
    np.testing.assert_allclose(pixels, expected, atol=1e-6)


def test_unless_told_otherwise_it_is_reduced_sharply():
    photo = checked_photo()
    usual = ModaImageProcessor()(photo, return_tensors="np")["pixel_values"]
    sharp = ModaImageProcessor(resample=PILImageResampling.BICUBIC)(photo, return_tensors="np")
    np.testing.assert_array_equal(usual, sharp["pixel_values"])

"""Pictures of no fashion item, drawn here, and of fashion items: which are recognised."""

import pytest
from PIL import Image, ImageDraw

from lab.drawings import draw, random_catalog
from moda_engine import Describer
from moda_engine.imagefolder import read_imagefolder_records
from moda_engine.photos import open_photo

SIDE = 300


@pytest.fixture(scope="module")
def starter():
    return Describer.from_pretrained()


def blank():
    return Image.new("RGB", (SIDE, SIDE), "white")


def coffee_cup():
    picture = blank()
    pen = ImageDraw.Draw(picture)
    pen.ellipse((60, 210, 220, 250), "#dddddd", "black", 2)  # saucer
    pen.arc((170, 110, 240, 190), -90, 90, "#884422", 10)  # handle
    pen.rounded_rectangle((80, 90, 200, 230), 30, "#aa5533", "black", 2)
    pen.ellipse((80, 75, 200, 110), "#442211", "black", 2)  # coffee
    for left in (110, 140, 170):
        pen.arc((left - 10, 20, left + 10, 70), 100, 260, "#999999", 3)  # steam
    return picture


def cat():
    picture = blank()
    pen = ImageDraw.Draw(picture)
    pen.ellipse((90, 130, 210, 280), "#777777")  # body
    pen.arc((170, 160, 280, 280), 0, 180, "#777777", 14)  # tail
    pen.polygon([(100, 90), (105, 30), (145, 65)], "#777777")  # ears
    pen.polygon([(200, 90), (195, 30), (155, 65)], "#777777")
    pen.ellipse((95, 50, 205, 150), "#888888")  # head
    for left in (120, 165):
        pen.ellipse((left, 85, left + 18, 103), "#33cc33", "black", 2)
    pen.polygon([(143, 113), (157, 113), (150, 122)], "#ffaaaa")
    for end in (105, 120, 135):
        pen.line((140, 120, 70, end), "black", 1)
        pen.line((160, 120, 230, end), "black", 1)
    return picture


def house():
    picture = Image.new("RGB", (SIDE, SIDE), "#aaddff")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 220, SIDE, SIDE), "#55aa44")
    pen.rectangle((80, 130, 220, 240), "#cc9966", "black", 2)
    pen.polygon([(60, 135), (150, 60), (240, 135)], "#aa3322", "black")
    pen.rectangle((135, 180, 165, 240), "#553311")
    pen.ellipse((230, 20, 280, 70), "#ffee33")
    return picture


def noise():
    return Image.effect_noise((SIDE, SIDE), 90).convert("RGB")


def page():
    picture = blank()
    pen = ImageDraw.Draw(picture)
    for line in range(12):
        pen.text((20, 15 + 22 * line), "Terms of delivery and payment " * 2, "black")
    return picture


@pytest.mark.parametrize("picture", [blank, coffee_cup, noise, page])
def test_a_picture_of_no_fashion_item_is_not_recognised(starter, picture):
    [description] = starter.describe([picture()])
    assert (description.brief.recognised, description.text) == (False, "")
    assert description.brief.reason == "The photo shows no fashion item that the model knows."


@pytest.mark.parametrize("picture", [cat, house])
def test_other_drawings_are_less_likely_items_than_nearly_all_drawn_items(starter, picture):
    drawings = [draw(item.specification, size=256) for item in random_catalog(100, 4_242)]
    model, pixels = starter.model, starter.processor(images=[picture(), *drawings])["pixel_values"]
    other, *items = model.heads.recognised(model.encode_images(pixels))
    assert sum(other < item for item in items) >= 95


def test_drawings_of_fashion_items_are_recognised(starter):
    drawings = [draw(item.specification, size=256) for item in random_catalog(100, 4_242)]
    described = starter.describe(drawings)
    assert sum(one.brief.recognised for one in described) >= 99


@pytest.mark.shared_data
def test_photos_of_fashion_items_are_recognised(starter, shared_data):
    records, _ = read_imagefolder_records(shared_data / "fashion-2906" / "test")
    described = starter.describe([open_photo(record.path) for record in records[:300]])
    assert sum(one.brief.recognised for one in described) >= 297

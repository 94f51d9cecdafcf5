"""Pictures that show no fashion item, drawn by code: rooms, meals, animals, pages, charts, noise.

Each of `PICTURES` draws one kind in the colours that `random.Random` gives; none was chosen by what
a model says of it.
"""

import math
import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 320
Colour = tuple[int, int, int]


def other_pictures(count: int, seed: int) -> list[Image.Image]:
    """`count` pictures, 320 pixels square, every kind in turn."""
    chance = random.Random(seed)
    return [PICTURES[number % len(PICTURES)](chance) for number in range(count)]


def _colour(chance: random.Random, least: int = 0, most: int = 255) -> Colour:
    red, green, blue = (chance.randint(least, most) for _ in range(3))
    return red, green, blue


def _canvas(ground: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (SIDE, SIDE), ground)
    return image, ImageDraw.Draw(image)


def _blank(chance: random.Random) -> Image.Image:
    return _canvas(_colour(chance, 150))[0]


def _noise(chance: random.Random) -> Image.Image:
    grain = np.random.default_rng(chance.getrandbits(32)).integers(0, 256, (SIDE, SIDE, 3))
    image = Image.fromarray(grain.astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(chance.choice([0, 2, 8])))


def _gradient(chance: random.Random) -> Image.Image:
    ends = np.array([_colour(chance), _colour(chance)], dtype=float)
    share = np.linspace(0, 1, SIDE)[:, None, None]
    rows = ends[0] * (1 - share) + ends[1] * share
    return Image.fromarray(np.repeat(rows, SIDE, axis=1).astype(np.uint8))


def _cup(chance: random.Random) -> Image.Image:
    image, draw = _canvas(_colour(chance, 200))
    body, drink = _colour(chance, 60, 240), _colour(chance, 20, 90)
    draw.arc((200, 130, 280, 220), 0, 360, fill=body, width=16)
    draw.rounded_rectangle((90, 110, 230, 250), 24, fill=body)
    draw.ellipse((90, 90, 230, 130), fill=body, outline=drink, width=3)
    draw.ellipse((102, 97, 218, 124), fill=drink)
    draw.ellipse((60, 240, 260, 276), outline=body, width=6)
    return image


def _cat(chance: random.Random) -> Image.Image:
    image, draw = _canvas(_colour(chance, 170))
    fur, dark = _colour(chance, 60, 200), (30, 30, 30)
    draw.ellipse((90, 160, 230, 310), fill=fur)
    draw.ellipse((100, 60, 220, 180), fill=fur)
    draw.polygon([(105, 95), (112, 25), (155, 70)], fill=fur)
    draw.polygon([(215, 95), (208, 25), (165, 70)], fill=fur)
    for left in (128, 176):
        draw.ellipse((left, 105, left + 16, 127), fill=_colour(chance, 120), outline=dark)
    draw.polygon([(152, 135), (168, 135), (160, 146)], fill=dark)
    for side in (-1, 1):
        draw.line((160 + 12 * side, 142, 160 + 70 * side, 134), fill=dark, width=2)
    draw.arc((210, 190, 300, 310), 180, 400, fill=fur, width=18)
    return image


def _page(chance: random.Random) -> Image.Image:
    image, draw = _canvas((252, 252, 250))
    for top in range(30, 290, 14):
        left = 30
        while left < 270:
            width = chance.randint(10, 50)
            draw.rectangle((left, top, min(left + width, 285), top + 5), fill=(40, 40, 45))
            left += width + 7
    return image


def _chart(chance: random.Random) -> Image.Image:
    image, draw = _canvas((255, 255, 255))
    draw.line((40, 20, 40, 280, 300, 280), fill=(0, 0, 0), width=2)
    for bar in range(7):
        height = chance.randint(20, 240)
        left = 55 + 34 * bar
        draw.rectangle((left, 280 - height, left + 22, 279), fill=_colour(chance, 40, 220))
    return image


def _landscape(chance: random.Random) -> Image.Image:
    image, draw = _canvas((150, 190, 235))
    draw.ellipse((220, 30, 275, 85), fill=(255, 235, 150))
    for layer in range(3):
        base, shade = 170 + 45 * layer, 150 - 40 * layer
        points = [
            (x, base + 30 * math.sin(x / chance.uniform(18, 60) + layer)) for x in range(0, 330, 10)
        ]
        green = (shade // 2, shade, shade // 2)
        draw.polygon([(0, SIDE), *points, (SIDE, SIDE)], fill=green)
    return image.filter(ImageFilter.GaussianBlur(1))


def _house(chance: random.Random) -> Image.Image:
    image, draw = _canvas((190, 215, 240))
    draw.rectangle((0, 250, SIDE, SIDE), fill=(90, 150, 80))
    draw.rectangle((80, 140, 240, 260), fill=_colour(chance, 120, 230))
    draw.polygon([(60, 140), (160, 60), (260, 140)], fill=_colour(chance, 80, 170))
    for left in (100, 190):
        draw.rectangle((left, 160, left + 30, 190), fill=(235, 245, 255), outline=(60, 60, 60))
    draw.rectangle((145, 195, 175, 260), fill=(110, 70, 40))
    return image


def _tree(chance: random.Random) -> Image.Image:
    image, draw = _canvas((225, 235, 245))
    draw.rectangle((145, 170, 175, 300), fill=(110, 75, 45))
    for _ in range(60):
        x, y, r = chance.gauss(160, 45), chance.gauss(120, 40), chance.randint(14, 34)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(30, chance.randint(90, 170), 40))
    return image


def _car(chance: random.Random) -> Image.Image:
    image, draw = _canvas((215, 218, 222))
    paint = _colour(chance, 60, 220)
    draw.rectangle((0, 230, SIDE, SIDE), fill=(95, 95, 98))
    draw.rounded_rectangle((30, 160, 290, 225), 18, fill=paint)
    draw.polygon([(80, 165), (115, 110), (215, 110), (250, 165)], fill=paint)
    draw.polygon([(95, 160), (120, 120), (160, 120), (160, 160)], fill=(200, 225, 240))
    for left in (65, 205):
        draw.ellipse((left, 200, left + 54, 254), fill=(25, 25, 25))
        draw.ellipse((left + 16, 216, left + 38, 238), fill=(180, 180, 180))
    return image


def _fruit(chance: random.Random) -> Image.Image:
    image, draw = _canvas((245, 243, 238))
    draw.ellipse((40, 220, 280, 290), fill=(200, 170, 130))
    for _ in range(chance.randint(3, 6)):
        x, y = chance.randint(90, 230), chance.randint(150, 240)
        draw.ellipse((x - 38, y - 38, x + 38, y + 38), fill=_colour(chance, 90, 240))
        draw.line((x, y - 36, x + 6, y - 54), fill=(90, 60, 30), width=4)
    return image


def _checkerboard(chance: random.Random) -> Image.Image:
    image, draw = _canvas(_colour(chance, 180))
    dark, step = _colour(chance, 0, 90), chance.choice([20, 32, 40])
    for x in range(0, SIDE, step):
        for y in range(0, SIDE, step):
            if (x + y) // step % 2:
                draw.rectangle((x, y, x + step - 1, y + step - 1), fill=dark)
    return image


def _bottle(chance: random.Random) -> Image.Image:
    image, draw = _canvas((250, 250, 250))
    glass = _colour(chance, 30, 180)
    draw.rounded_rectangle((120, 120, 200, 300), 16, fill=glass)
    draw.rectangle((145, 40, 175, 130), fill=glass)
    draw.rectangle((142, 25, 178, 48), fill=_colour(chance))
    draw.rectangle((125, 180, 195, 250), fill=(250, 245, 230))
    return image


def _table(chance: random.Random) -> Image.Image:
    image, draw = _canvas(_colour(chance, 200))
    wood = (chance.randint(110, 170), 90, 50)
    draw.polygon([(60, 150), (260, 150), (290, 185), (30, 185)], fill=wood)
    for left in (45, 260):
        draw.rectangle((left, 185, left + 14, 290), fill=wood)
    draw.rectangle((85, 180, 95, 250), fill=wood)
    draw.rectangle((225, 180, 235, 250), fill=wood)
    return image


PICTURES: tuple[Callable[[random.Random], Image.Image], ...] = (
    _blank,
    _noise,
    _gradient,
    _cup,
    _cat,
    _page,
    _chart,
    _landscape,
    _house,
    _tree,
    _car,
    _fruit,
    _checkerboard,
    _bottle,
    _table,
)

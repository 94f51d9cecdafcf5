"""Pictures that show no fashion item: what the head that recognises one learns to refuse.

Two kinds: those in a folder of a subfolder a source (clip art, wallpapers, figures of manuals),
none chosen by hand, and those made here (doodles, noise, pages of text, charts, blank grounds).
"""

import math
import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from moda_engine.exceptions import PhotoError
from moda_engine.image_processor import pad_to_square
from moda_engine.language.reading import read
from moda_engine.photos import open_photo

#: Pixels a side at which pictures are made, before they are reduced.
_SIDE = 184
#: A source with more is thinned out, evenly over its names in order.
MOST_OF_A_SOURCE = 2_000
_FORMATS = frozenset({".png", ".jpg", ".jpeg", ".webp"})
#: Smaller ones are buttons and bullets of a page.
_LEAST_SIDE = 48
_WHITE = 240
#: So many photos are put on one colour, and the others on a picture.
_PLAIN_GROUNDS = 0.7
#: A ground has no larger share of white.
_MOST_WHITE = 0.05
#: Folders and names of people, who wear something, and of clothes in words that no shop uses.
_WORN = re.compile(
    r"cloth|wear|people|person|\bmen|man\b|\bboy|girl|woman|lady|face|fashion|costume|uniform|suit|"
    r"coat|shoe|boot|hat|cap\b|sock|glove|bag|purse|glass|watch|jewel|crown|mask|helmet|robe|astron"
)


def other_pictures(folder: Path, side: int) -> dict[str, np.ndarray]:
    """The pictures under each subfolder of `folder`, by its name, (count, side, side, 3) bytes.

    Those whose path names something that is worn, or a type of fashion item, are left out.
    """
    sources = sorted(path for path in folder.iterdir() if path.is_dir())
    return {
        source.name: np.stack(found) for source in sources if (found := _pictures(source, side))
    }


def _pictures(source: Path, side: int) -> list[np.ndarray]:
    paths = sorted(
        path
        for path in source.rglob("*")
        if path.suffix.lower() in _FORMATS and shows_no_item(str(path.relative_to(source)))
    )
    step = max(1, math.ceil(len(paths) / MOST_OF_A_SOURCE))
    return [picture for path in paths[::step] for picture in _stored(path, side)]


def shows_no_item(name: str) -> bool:
    """Whether no word of a picture's path is of something to wear."""
    words = re.sub(r"[^a-z]+", " ", name.lower())
    return not _WORN.search(words) and not read(words).product_types


def _stored(path: Path, side: int) -> Iterator[np.ndarray]:
    """The picture at the size of the corpus; nothing where it is too small or unreadable."""
    try:
        picture = open_photo(path, side)
    except PhotoError:
        return
    if min(picture.size) >= _LEAST_SIDE:
        yield np.asarray(pad_to_square(picture, side))


def grounds_of(pictures: np.ndarray) -> np.ndarray:
    """The middles of those pictures that have hardly any white there, at the same size."""
    side = pictures.shape[1]
    quarter = side // 4
    middles = pictures[:, quarter:-quarter, quarter:-quarter]
    full = (middles.min(axis=3) > _WHITE).mean(axis=(1, 2)) < _MOST_WHITE
    grounds = [np.asarray(Image.fromarray(one).resize((side, side))) for one in middles[full]]
    return np.stack(grounds) if grounds else np.empty((0, side, side, 3), np.uint8)


def made_pictures(count: int, seed: int, side: int) -> np.ndarray:
    """`count` pictures of nothing that is worn, (count, side, side, 3) bytes."""
    chance = random.Random(seed)
    makers = (_doodle, _thing, _scene, _doodle, _thing, _scene, _ground, _noise, _page, _chart)
    pictures = (makers[number % len(makers)](chance) for number in range(count))
    return np.stack([np.asarray(pad_to_square(picture, side)) for picture in pictures])


def _colour(chance: random.Random) -> tuple[int, int, int]:
    red, green, blue = (chance.randrange(256) for _ in range(3))
    return red, green, blue


def _blank(chance: random.Random) -> Image.Image:
    """White as often as not, like the ground of product shots."""
    colour = (255, 255, 255) if chance.random() < 0.6 else _colour(chance)
    return Image.new("RGB", (_SIDE, _SIDE), colour)


def _box(chance: random.Random, least: float = 0.05) -> tuple[float, float, float, float]:
    """A rectangle somewhere around the middle, left, top, right, bottom."""
    width, height = (chance.uniform(least, 0.7) * _SIDE for _ in range(2))
    x, y = (chance.gauss(0.5, 0.16) * _SIDE for _ in range(2))
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def _doodle(chance: random.Random) -> Image.Image:
    """Some shapes of few colours over one another, as in plain drawings of things."""
    picture = _blank(chance)
    draw = ImageDraw.Draw(picture)
    colours = [_colour(chance) for _ in range(chance.randint(1, 4))]
    for _ in range(chance.randint(1, 12)):
        fill = chance.choice([*colours, None])
        outline = chance.choice([(0, 0, 0), *colours])
        width = chance.randint(1, 6)
        box = _box(chance)
        shape = chance.randrange(5)
        if shape == 0:
            draw.rectangle(box, fill, outline, width)
        elif shape == 1:
            draw.ellipse(box, fill, outline, width)
        elif shape == 2:
            draw.arc(box, chance.randrange(360), chance.randrange(360), outline, width)
        elif shape == 3:
            draw.rounded_rectangle(box, chance.randint(1, 20), fill, outline, width)
        else:
            corners = [
                (chance.uniform(box[0], box[2]), chance.uniform(box[1], box[3]))
                for _ in range(chance.randint(3, 6))
            ]
            draw.polygon(corners, fill, outline)
    return picture


def _thing(chance: random.Random) -> Image.Image:
    """Something of a few parts over one another, the same on the left and on the right."""
    picture = _blank(chance)
    _draw_thing(ImageDraw.Draw(picture), chance, (_SIDE / 2, _SIDE / 2), _SIDE)
    return picture


def _scene(chance: random.Random) -> Image.Image:
    """A ground below a sky, and things on it."""
    picture = Image.new("RGB", (_SIDE, _SIDE), _colour(chance))
    draw = ImageDraw.Draw(picture)
    horizon = chance.uniform(0.3, 0.9) * _SIDE
    draw.rectangle((0, horizon, _SIDE, _SIDE), _colour(chance))
    for _ in range(chance.randint(1, 5)):
        place = (chance.uniform(0.1, 0.9) * _SIDE, chance.gauss(horizon, 0.15 * _SIDE))
        _draw_thing(draw, chance, place, chance.uniform(0.2, 0.8) * _SIDE)
    return picture


def _draw_thing(
    draw: ImageDraw.ImageDraw, chance: random.Random, middle: tuple[float, float], size: float
) -> None:
    """Parts from the top down within `size` pixels, in up to three colours."""
    colours = [_colour(chance) for _ in range(chance.randint(1, 3))]
    outline = chance.choice([None, (0, 0, 0), chance.choice(colours)])
    heights = [chance.uniform(0.2, 1) for _ in range(chance.randint(1, 4))]
    scale = chance.uniform(0.4, 0.9) * size / sum(heights)
    top = middle[1] - scale * sum(heights) / 2
    for height in heights:
        half, bottom = chance.uniform(0.08, 0.42) * size, top + scale * height
        left, right = middle[0] - half, middle[0] + half
        fill, shape = chance.choice(colours), chance.randrange(4)
        if shape == 0:
            draw.ellipse((left, top, right, bottom), fill, outline, 2)
        elif shape == 1:
            draw.rounded_rectangle((left, top, right, bottom), chance.randint(0, 8), fill, outline)
        elif shape == 2:
            slant = chance.uniform(-0.9, 0.9) * half
            corners = [(left + max(0, slant), top), (right - max(0, slant), top)]
            corners += [(right + min(0, slant), bottom), (left - min(0, slant), bottom)]
            draw.polygon(corners, fill, outline)
        else:  # two of a kind beside each other: wheels, ears, windows, legs
            part = half * chance.uniform(0.3, 0.8)
            for x in (left, right):
                box = (x - part, top, x + part, bottom)
                draw.ellipse(box, fill, outline) if height < 0.6 else draw.rectangle(box, fill)
        top = bottom - chance.uniform(0, 0.2) * scale * height


def _ground(chance: random.Random) -> Image.Image:
    """One colour, or one running into another."""
    picture, other = _blank(chance), _blank(chance)
    if chance.random() < 0.4:
        return picture
    slope = Image.linear_gradient("L").rotate(chance.choice([0, 90, 180, 270]))
    return Image.composite(other, picture, slope.resize(picture.size))


def _noise(chance: random.Random) -> Image.Image:
    """Grains of any size, coloured or grey, all over."""
    side = chance.choice([4, 8, 16, 32, 64, _SIDE])
    mode, channels = ("RGB", 3) if chance.random() < 0.6 else ("L", 1)
    grains = Image.frombytes(mode, (side, side), chance.randbytes(side * side * channels))
    resample = chance.choice([Image.Resampling.NEAREST, Image.Resampling.BICUBIC])
    picture = grains.convert("RGB").resize((_SIDE, _SIDE), resample)
    return picture.filter(ImageFilter.GaussianBlur(chance.choice([0, 0, 1, 3])))


def _page(chance: random.Random) -> Image.Image:
    """Lines of text, as on a page or a screen."""
    picture = _blank(chance)
    draw = ImageDraw.Draw(picture)
    size = chance.randint(6, 40)
    ink = chance.choice([(0, 0, 0), _colour(chance)])
    font = ImageFont.load_default(size)
    left = chance.uniform(0, 0.3) * _SIDE
    for line in range(chance.randint(1, 20)):
        words = (
            "".join(chance.choices("abcdefghijklmnoprstuvwy0123456789", k=chance.randint(1, 9)))
            for _ in range(chance.randint(1, 8))
        )
        draw.text((left, 8 + line * size * 1.3), " ".join(words), ink, font)
    return picture


def _chart(chance: random.Random) -> Image.Image:
    """Bars, a line or a pie, mostly with axes."""
    picture = _blank(chance)
    draw = ImageDraw.Draw(picture)
    side, shape, count = _SIDE, chance.randrange(3), chance.randint(3, 12)
    heights = [chance.uniform(0.1, 0.8) * side for _ in range(count)]
    step = 0.8 * side / count
    if shape == 0:
        for number, height in enumerate(heights):
            x = 0.1 * side + number * step
            draw.rectangle((x, 0.9 * side - height, x + 0.7 * step, 0.9 * side), _colour(chance))
    elif shape == 1:
        corners = [(0.1 * side + number * step, 0.9 * side - h) for number, h in enumerate(heights)]
        draw.line(corners, _colour(chance), chance.randint(1, 5))
    else:
        angles = sorted(chance.uniform(0, 360) for _ in range(count))
        for start, end in zip(angles, [*angles[1:], angles[0] + 360], strict=True):
            draw.pieslice(
                (0.1 * side, 0.1 * side, 0.9 * side, 0.9 * side), start, end, _colour(chance)
            )
    if shape < 2 and chance.random() < 0.8:
        draw.line(
            [(0.1 * side, 0.1 * side), (0.1 * side, 0.9 * side), (0.9 * side, 0.9 * side)],
            (0, 0, 0),
        )
    return picture


def on_other_grounds(pictures: np.ndarray, grounds: np.ndarray, seed: int) -> np.ndarray:
    """Each picture cut out of its white ground and put on another, or on one plain colour.

    Args:
        pictures: (count, side, side, 3) bytes, on white.
        grounds: (grounds, side, side, 3) bytes.
    """
    chance = random.Random(seed)
    found = []
    for picture in pictures:
        plain = chance.random() < _PLAIN_GROUNDS or not len(grounds)
        ground = _colour(chance) if plain else grounds[chance.randrange(len(grounds))]
        found.append(np.where(_white_around(picture)[..., None], ground, picture).astype(np.uint8))
    return np.stack(found)


def _white_around(picture: np.ndarray) -> np.ndarray:
    """Which pixels are white and joined to the corner, (side, side) of booleans."""
    # A copy: Pillow fills no picture that shares its memory with an array.
    nearly = Image.fromarray(((picture.min(axis=2) > _WHITE) * 255).astype(np.uint8)).copy()
    ImageDraw.floodfill(nearly, (0, 0), 128)
    around: np.ndarray = np.asarray(nearly) == 128
    return around

import numpy as np
import pytest
from PIL import Image

from lab.starter.other_pictures import (
    grounds_of,
    made_pictures,
    on_other_grounds,
    other_pictures,
    shows_no_item,
)

STORED_SIDE = 150


@pytest.fixture
def folder(tmp_path):
    """Two sources: three pictures to take, and four to leave out."""
    large = Image.new("RGBA", (100, 60), (255, 0, 0, 0))
    for name in ("a/mountain.png", "a/food/tea cup.png", "a/red_dress.png", "a/people/two.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        large.save(tmp_path / name)
    (tmp_path / "b").mkdir()
    Image.new("RGB", (200, 200), "blue").save(tmp_path / "b" / "sea.jpg")
    Image.new("RGB", (20, 20), "blue").save(tmp_path / "b" / "bullet.png")
    (tmp_path / "b" / "broken.png").write_bytes(b"no picture")
    return tmp_path


def test_pictures_are_read_by_source_but_for_those_of_worn_things(folder):
    found = other_pictures(folder, STORED_SIDE)
    assert {name: pictures.shape for name, pictures in found.items()} == {
        "a": (2, STORED_SIDE, STORED_SIDE, 3),
        "b": (1, STORED_SIDE, STORED_SIDE, 3),
    }
    assert found["a"].min() == 255  # transparent parts are white
    assert found["b"][0, 0, 0].tolist() == pytest.approx([0, 0, 255], abs=3)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("food/coffee_cup.png", True),
        ("animals/cat.png", True),
        ("stamps/clothes/x.png", False),
        ("household/Leather-Boots.png", False),
        ("misc/umbrella.png", False),
    ],
)
def test_a_name_tells_whether_something_is_worn(name, expected):
    assert shows_no_item(name) is expected


def test_made_pictures_are_the_same_for_a_seed_and_differ_within():
    one, again, other = (
        made_pictures(14, 1, STORED_SIDE),
        made_pictures(14, 1, STORED_SIDE),
        made_pictures(14, 2, STORED_SIDE),
    )
    assert one.shape == (14, STORED_SIDE, STORED_SIDE, 3)
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert len({picture.tobytes() for picture in one}) > 10


def test_a_photo_is_put_on_another_ground_and_stays_itself():
    photo = np.full((STORED_SIDE, STORED_SIDE, 3), 255, np.uint8)
    photo[40:140, 40:140] = (200, 0, 0)
    photo[80:100, 80:100] = 255  # white, but of the item
    [mounted] = on_other_grounds(photo[None], np.empty((0,)), seed=3)
    assert mounted[90, 90].tolist() == [255, 255, 255]
    assert mounted[50, 50].tolist() == [200, 0, 0]
    corner = mounted[0, 0].tolist()
    assert corner != [255, 255, 255]
    assert mounted[STORED_SIDE - 1, STORED_SIDE - 1].tolist() == corner


def test_a_ground_is_the_middle_of_a_picture_without_white():
    pictures = np.full((2, STORED_SIDE, STORED_SIDE, 3), 255, np.uint8)
    pictures[1, 30:-30, 30:-30] = (0, 90, 0)
    [ground] = grounds_of(pictures)
    assert ground.shape == (STORED_SIDE, STORED_SIDE, 3)
    assert (ground == (0, 90, 0)).all()

import torch

from lab.starter.augmentation import as_floats, mixed, plain_views, random_views
from lab.starter.views import image_processor


def test_views_have_the_asked_size_and_range():
    pictures = torch.rand(4, 3, 32, 32)
    generator = torch.Generator().manual_seed(0)
    views = random_views(pictures, 24, generator)
    assert views.shape == (4, 3, 24, 24)
    assert views.min() >= -127 / 128
    assert views.max() <= 1


def test_the_same_seed_gives_the_same_views():
    pictures = torch.rand(4, 3, 32, 32)
    views = [random_views(pictures, 24, torch.Generator().manual_seed(7)) for _ in range(2)]
    assert torch.equal(*views)


def test_outside_of_a_white_picture_is_white():
    views = random_views(torch.ones(64, 3, 16, 16), 16, torch.Generator().manual_seed(0))
    per_picture = views.flatten(1)
    # One grey level a picture, from its light; no dark border.
    torch.testing.assert_close(per_picture.min(1).values, per_picture.max(1).values)
    assert per_picture.min() >= (255 * (0.88 - 0.05) - 127) / 128 - 1e-5


def test_plain_views_are_the_picture():
    pictures = torch.rand(2, 3, 16, 16)
    torch.testing.assert_close(plain_views(pictures, 16), (pictures * 255 - 127) / 128)


def test_a_plain_view_is_what_the_image_processor_gives():
    generator = torch.Generator().manual_seed(0)
    picture = torch.randint(256, (1, 24, 24, 3), dtype=torch.uint8, generator=generator)
    given = image_processor(24)(images=[picture[0].numpy()], return_tensors="pt")["pixel_values"]
    torch.testing.assert_close(plain_views(as_floats(picture), 24), given, rtol=0, atol=1e-5)


def test_a_mixture_holds_its_share_of_each_picture():
    views = torch.arange(8.0).view(8, 1, 1, 1).expand(8, 3, 20, 20)  # each picture of one value
    generator = torch.Generator().manual_seed(0)
    kinds = set()
    for _ in range(20):
        pair = mixed(views, generator)
        assert 0 <= pair.share <= 1
        means = pair.views.mean((1, 2, 3))
        wanted = pair.share * views[:, 0, 0, 0] + (1 - pair.share) * pair.partners
        torch.testing.assert_close(means, wanted)
        pasted = bool((pair.views == pair.views.round()).all())
        kinds.add("pasted" if pasted else "blended")
    assert kinds == {"pasted", "blended"}


def test_a_mixture_leaves_the_views_themselves_alone():
    views = torch.rand(4, 3, 8, 8)
    before = views.clone()
    mixed(views, torch.Generator().manual_seed(1))
    assert torch.equal(views, before)

import numpy as np

from lab.starter.corpus import drawing_corpus, photo_corpus


def test_drawings_have_the_side_that_is_asked_for_and_follow_their_seed():
    found, again = drawing_corpus(2, 5, side=24), drawing_corpus(3, 5, side=24)
    assert found.pictures.shape == (2, 24, 24, 3)
    assert np.array_equal(found.pictures, again.pictures[:2])
    assert found.labels == again.labels[:2]


def test_photos_have_the_side_that_is_asked_for(imagefolder):
    found = photo_corpus(imagefolder, side=20)
    assert found.pictures.shape == (4, 20, 20, 3)
    # 40 × 50 pixels of noise: white stripes at both sides.
    assert (found.pictures[:, :, 0] == 255).all()
    assert [labels.product_type for labels in found.labels] == ["Skirts"] * 4
    assert [labels.colour for labels in found.labels] == ["Red"] * 4

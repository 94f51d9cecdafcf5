"""What the admin's templates are given, in words."""

import pytest
from django.utils.translation import override

from catalog.templatetags.catalog_admin import duration


@pytest.mark.parametrize(
    ("seconds", "english", "spanish"),
    [
        (0.2, "1 s", "1 s"),
        (59, "59 s", "59 s"),
        (60, "1 min", "1 min"),
        (5399, "90 min", "90 min"),
        (5400, "1.5 h", "1,5 h"),
    ],
)
def test_a_duration_is_as_coarse_as_it_is_known(seconds, english, spanish):
    assert duration(seconds) == english
    with override("es"):
        assert duration(seconds) == spanish

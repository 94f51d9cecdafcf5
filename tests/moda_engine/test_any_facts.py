"""A photo is described whatever its facts are: no text of a shop ends the stream."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.drawings import draw, random_catalog
from moda_engine import DescribeOptions, Describer
from moda_engine.language.reading import read

#: What shops type, an example a kind.
FACTS = [
    "Blue shirt and trousers",
    "gender: men; gender: women, boys; usage: casual, party",
    "colour: red; colour: blue and green; sleeves: long sleeves, short sleeves",
    "casual shoes, sports shoes",
    "",
    "..!? ; : ;; - /",
    "男装 T恤; brand: Вереск",
    "<p>Blue<br>shirt &amp; <script>trousers</script></p>",
    "brand: " + "x" * 10_000,
    "shirt " * 1_700,
    "Blue\x00 shirt; brand: a\x00b",
    "brand: \ud800; half a \udfff pair",
    "qwrtz: 90 cm x 1,2 m; 38 EU; 3/4; 100%",
    "brand: (?P<a>[; fabric: \\1; fit: *",
]
SHORT = DescribeOptions(max_new_tokens=12, batch_size=4)


@pytest.fixture(scope="module")
def starter():
    return Describer.from_pretrained()


@pytest.fixture(scope="module")
def tiny(checkpoint):
    return Describer.from_pretrained(checkpoint)


def test_a_model_that_writes_by_the_tables_is_told_of_each(starter):
    items = random_catalog(len(FACTS), 77_002)
    photos = [draw(item.specification, size=128) for item in items]
    seen = starter.describe(photos)
    told = starter.describe(photos, FACTS)
    assert read(told[0].text).colours == {"Blue"}
    assert read(told[0].text).product_types == read(seen[0].text).product_types
    assert read(told[3].text) == read(seen[3].text)
    assert [told[row].text for row in (4, 5)] == [seen[row].text for row in (4, 5)]
    assert told[6].text != seen[6].text and "by Вереск" in told[6].text


def test_a_model_that_reads_facts_is_told_of_each(tiny, photos):
    described = tiny.describe([photos[0]] * len(FACTS), FACTS, SHORT)
    assert len(described) == len(FACTS)
    alone = [tiny.describe([photos[0]], [facts], SHORT)[0].text for facts in FACTS]
    assert [one.text for one in described] == alone


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.differing_executors])
@given(facts=st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_facts_are_told(tiny, photos, facts):
    assert len(tiny.describe([photos[0]] * len(facts), facts, SHORT)) == len(facts)

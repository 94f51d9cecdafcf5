"""The door to the engine: which weights are loaded, what becomes of their texts, and replays."""

import numpy as np
import pytest
from PIL import Image

from catalog.engine import describe
from catalog.engine.describe import (
    GeneratedText,
    ModelUnavailable,
    RecordedDraft,
    describe_photos,
    drafts_replay,
)
from catalog.engine.weights import starter_identity, starter_metrics
from catalog.models import ModelVersion
from lab.drawings import draw, random_catalog
from moda_engine.brief.claims import Brief
from moda_engine.brief.product import KnownProduct
from tests.factories import ModelVersionFactory
from tests.retraining import tiny_version, use_models

PHOTO = Image.new("RGB", (60, 80), (30, 60, 120))


@pytest.fixture
def starter(db):
    name, sha256, licence = starter_identity()
    return ModelVersionFactory(name=name, weights_sha256=sha256, licence=licence)


@pytest.fixture(autouse=True)
def nothing_loaded(monkeypatch):
    monkeypatch.setattr(describe, "_loaded", None)


class Said:
    """Stands in for the engine's describer: says what a test gives it, or raises it."""

    alt_text = detailed = ""
    brief = Brief()
    page: dict[str, str] = {}

    def __init__(self, answer) -> None:
        self.answer = answer

    def describe(self, photos, known, options):
        self.known, self.options = known, options
        if isinstance(self.answer, Exception):
            raise self.answer
        from moda_engine import Description

        texts = (self.alt_text, self.detailed)
        said = Description(self.answer, 2.0, "float32", self.brief, *texts, **self.page)
        return [said for _ in photos]


def say(monkeypatch, answer):
    said = Said(answer)
    monkeypatch.setattr(describe, "_loaded", describe._Loaded(sha256="known", describer=said))
    return said


def write(known=({},), options=None):
    version = ModelVersion(name="known", weights_sha256="known")
    return describe_photos(version=version, photos=[PHOTO], known=known, options=options or {})


def test_the_starter_describes_a_photo(starter):
    item = draw(random_catalog(1, 1)[0].specification, size=100)
    text, none = describe_photos(version=starter, photos=[item, PHOTO], known=[{}, {}], options={})
    assert text.standard
    assert 0 <= text.confidence <= 1
    assert (none.standard, none.recognised) == ("", False)  # one colour is no item


def test_a_worker_describes_in_the_arithmetic_that_it_is_set_to(starter, settings):
    settings.PRECISION = "bfloat16"
    written = {"version": starter, "photos": [PHOTO], "known": [{}], "options": {}}
    assert [one.mode for one in describe_photos(**written)] == ["bfloat16"]
    assert [one.mode for one in describe_photos(**written, mode="float32")] == ["float32"]


def test_one_model_stays_loaded(starter):
    describe_photos(version=starter, photos=[], known=[], options={})
    first = describe._loaded
    describe_photos(version=starter, photos=[], known=[], options={})
    assert describe._loaded is first


def test_weights_other_than_the_registered_ones_are_refused(starter):
    starter.weights_sha256 = "0" * 64
    with pytest.raises(ModelUnavailable, match="was registered with weights 000000000000, but"):
        describe_photos(version=starter, photos=[], known=[], options={})


@pytest.mark.parametrize(
    ("directory", "message"),
    [("none", "is no MODA checkpoint"), ("../elsewhere", "is outside"), ("/etc", "is outside")],
)
@pytest.mark.django_db
def test_a_folder_that_is_no_checkpoint_of_ours_is_refused(settings, tmp_path, directory, message):
    settings.MODEL_DIRECTORY = tmp_path
    version = ModelVersionFactory(directory=directory)
    with pytest.raises(ModelUnavailable, match=message):
        describe_photos(version=version, photos=[], known=[], options={})


def test_what_the_model_says_fits_the_columns(monkeypatch):
    say(monkeypatch, " Blue\x00 shirt. With a collar. ")
    assert write() == [
        GeneratedText(
            standard="Blue shirt. With a collar.",
            alt_text="Blue shirt.",
            detailed="",
            confidence=1.0,
            mode="float32",
            brief={"recognised": True, "reason": "", "claims": [], "probabilities": {}},
        )
    ]


@pytest.mark.parametrize(
    ("length", "standard", "detailed", "tokens"),
    [
        ("alt_text", "Blue shirt.", "", 40),
        ("standard", "Blue shirt. With a collar.", "", 64),
        ("detailed", "Blue shirt. With a collar.", "Blue shirt. With a collar.", 160),
    ],
)
def test_the_length_says_which_texts_are_written(monkeypatch, length, standard, detailed, tokens):
    said = say(monkeypatch, "Blue shirt. With a collar.")
    (text,) = write(options={"length": length})
    assert (text.standard, text.alt_text, text.detailed) == (standard, "Blue shirt.", detailed)
    assert said.options.max_new_tokens == tokens


def test_the_engines_own_lengths_are_taken(monkeypatch):
    said = say(monkeypatch, "Blue shirt with a collar.")
    monkeypatch.setattr(said, "alt_text", "Blue shirt.")
    monkeypatch.setattr(said, "detailed", "A blue shirt. It has a collar.")
    (text,) = write(options={"length": "detailed"})
    assert (text.standard, text.alt_text, text.detailed) == (
        "Blue shirt with a collar.",
        "Blue shirt.",
        "A blue shirt. It has a collar.",
    )


def test_the_texts_of_a_page_are_asked_for_by_the_engines_names(monkeypatch):
    said = say(monkeypatch, "Blue shirt with a collar.")
    monkeypatch.setattr(
        said,
        "page",
        {
            "title": "Wren Blue Shirt",
            "bullets": "Blue\nCollar\x00",
            "meta_title": "Blue Shirt | Wren",
            "meta_description": "A blue shirt.",
        },
    )
    (text,) = write(options={"length": "detailed", "slots": ["page_title", "bullets"]})
    assert said.options.slots == ("alt_text", "detailed", "title", "bullets")
    assert (text.page_title, text.bullets) == ("Wren Blue Shirt", "Blue\nCollar")
    assert (text.meta_title, text.meta_description) == ("Blue Shirt | Wren", "A blue shirt.")
    write()
    assert said.options.slots == ("alt_text",)


def test_an_alternative_text_with_an_abbreviation_stays_whole(monkeypatch):
    said = say(monkeypatch, "A shirt by U.S. Polo.")
    monkeypatch.setattr(said, "alt_text", "Shirt by U.S. Polo, made for Mr. Men.")
    (text,) = write()
    assert text.alt_text == "Shirt by U.S. Polo, made for Mr. Men."


def test_a_long_sentence_is_cut_between_words_for_the_alternative_text(monkeypatch):
    say(monkeypatch, "Blue " * 60 + "shirt.")
    (text,) = write()
    assert len(text.alt_text) <= 125
    assert text.alt_text == "Blue " * 24 + "Blue…"


def test_what_is_known_and_options_reach_the_engine(monkeypatch):
    said = say(monkeypatch, "Blue shirt.")
    known = {"title": "Blue shirt by Red Tape", "brand": "Red Tape", "seed": "A-1"}
    (text,) = write(known=[known], options={"max_new_tokens": 7})
    assert said.known == [KnownProduct("Blue shirt by Red Tape", "Red Tape", seed="A-1")]
    assert said.options.max_new_tokens == 7
    assert text.brief == Brief().to_json()
    write()
    assert said.known == [KnownProduct()]


def test_a_photo_without_an_item_is_said_to_be_one(monkeypatch):
    reason = "The photo shows no fashion item that the model knows."
    said = say(monkeypatch, "")
    said.brief = Brief(recognised=False, reason=reason)
    (text,) = write()
    assert (text.recognised, text.reason) == (False, reason)
    assert (text.standard, text.alt_text, text.detailed) == ("", "", "")
    assert text.brief["recognised"] is False


@pytest.mark.parametrize(
    "words", ["CUDA out of memory. Tried", "[enforce fail] DefaultCPUAllocator: not enough memory"]
)
def test_every_kind_of_memory_shortage_is_a_memory_error(monkeypatch, words):
    say(monkeypatch, RuntimeError(words))
    with pytest.raises(MemoryError):
        write()


def test_other_errors_of_the_engine_stay_what_they_are(monkeypatch):
    say(monkeypatch, RuntimeError("shape mismatch"))
    with pytest.raises(RuntimeError, match="shape mismatch"):
        write()


def test_the_starter_is_told_by_its_weights():
    name, sha256, _ = starter_identity()
    assert name == f"starter-{sha256[:8]}"
    assert len(sha256) == 64
    assert isinstance(starter_metrics(), dict)


pytestmark = pytest.mark.django_db


def noise(count):
    generator = np.random.default_rng(1)
    return [
        Image.fromarray(generator.integers(0, 256, (50, 40, 3), dtype=np.uint8))
        for _ in range(count)
    ]


def test_recorded_drafts_are_written_again_word_for_word(settings, tmp_path):
    use_models(settings, tmp_path / "models")
    version = tiny_version(tmp_path)
    photos = noise(24)
    known = [{"title": "Red shirt"} if number % 3 == 0 else {} for number in range(24)]
    recorded = []
    for options in ({}, {"length": "alt_text"}):
        written = describe_photos(version=version, photos=photos, known=known, options=options)
        rows = zip(photos, known, written, strict=True)
        recorded += [
            (RecordedDraft(version, photo, told, options, text.mode), text)
            for photo, told, text in rows
        ]
    assert {text.mode for _, text in recorded} == {"float32"}
    order = np.random.default_rng(2).permutation(len(recorded))

    replayed = drafts_replay([recorded[place][0] for place in order])

    wanted = [recorded[place][1] for place in order]
    assert [(one.standard, one.alt_text, one.detailed) for one in replayed] == [
        (one.standard, one.alt_text, one.detailed) for one in wanted
    ]

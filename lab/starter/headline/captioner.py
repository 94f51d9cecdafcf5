"""OPT's tokens, and the shape of a captioner that writes in them."""

from pathlib import Path

from transformers import GPT2Tokenizer, PreTrainedTokenizerFast

from lab.starter.captioner import CaptionerShape

#: OPT's embedding has these entries, its tokenizer fewer. Narrow, because nearly all of the weights
#: are in them.
SHAPE = CaptionerShape(vocabulary_size=50_272, width=192, layers=2, positions=64)
BEGIN, PAD = "</s>", "<pad>"
#: The last token of the authors' ending. Their captions have no other end, so none may be added.
END = ">"


def opt_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    """OPT's tokenizer from `vocab.json` and `merges.txt`; as OPT's own it begins with `</s>`."""
    return GPT2Tokenizer(
        vocab=str(folder / "vocab.json"),
        merges=str(folder / "merges.txt"),
        bos_token=BEGIN,
        eos_token=END,
        unk_token=BEGIN,
        pad_token=PAD,
        add_bos_token=True,
    )

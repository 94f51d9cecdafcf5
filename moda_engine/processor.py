"""Photos and texts to the tensors that the captioner reads, and tokens back to text."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoImageProcessor,
    AutoProcessor,
    AutoTokenizer,
    BatchFeature,
    PreTrainedTokenizerBase,
    ProcessorMixin,
)
from transformers.utils.hub import cached_file

from moda_engine.configuration import ModaConfig
from moda_engine.exceptions import CheckpointError
from moda_engine.model import IGNORED_LABEL
from moda_engine.photos import Photo, picture_of

#: Subfolder of a checkpoint for the text tower's tokenizer, where that is one of its own.
ENCODER_TOKENIZER_FOLDER = "encoder_tokenizer"
#: What `from_pretrained` may be told of the hub.
_HUB_OPTIONS = ("cache_dir", "force_download", "local_files_only", "proxies", "revision", "token")


class ModaProcessor(ProcessorMixin):
    """Image processor and tokenizer of one checkpoint.

    The tokenizer is the language model's. It need not have a begin or a padding token (Llama's and
    GPT-2's lack one or both): its end token, which it must have, then stands for them. The text
    tower's tokenizer, `encoder_tokenizer`, is loaded when it is first asked for.
    """

    def __init__(self, image_processor: Any, tokenizer: PreTrainedTokenizerBase) -> None:
        super().__init__(image_processor, tokenizer)  # type: ignore[no-untyped-call]  # transformers' own
        tokenizer.padding_side = "right"
        self._encoder_tokenizer: PreTrainedTokenizerBase | None = None
        self._encoder_tokenizer_folder: Path | None = None

    @classmethod
    def from_pretrained(  # type: ignore[override]  # its options are passed on as they are
        cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> "ModaProcessor":
        """The processor of a checkpoint, a folder or a name on the hub.

        Photos are always resized by Pillow: torchvision, where it is installed, would give other
        pixels, and with them other features than the ones that were trained on.
        """
        name = str(pretrained_model_name_or_path)
        kwargs = {**kwargs, "trust_remote_code": False}
        image_processor = AutoImageProcessor.from_pretrained(name, **{**kwargs, "backend": "pil"})
        processor = cls(image_processor, AutoTokenizer.from_pretrained(name, **kwargs))
        folder = Path(name) / ENCODER_TOKENIZER_FOLDER
        if not Path(name).is_dir():
            folder = _fetched_tokenizer(name, kwargs) or folder
        if folder.is_dir():
            processor._encoder_tokenizer_folder = folder
        return processor

    def save_pretrained(
        self,
        save_directory: str | os.PathLike[str],
        push_to_hub: bool = False,  # noqa: FBT001 (transformers' signature)
        **kwargs: Any,
    ) -> list[str]:
        """As usual; the text tower's tokenizer goes into a subfolder if it is one of its own."""
        files: list[str] = super().save_pretrained(save_directory, push_to_hub, **kwargs)
        if self.encoder_tokenizer is not self.tokenizer:
            self.encoder_tokenizer.save_pretrained(Path(save_directory) / ENCODER_TOKENIZER_FOLDER)
        return files

    @property
    def encoder_tokenizer(self) -> PreTrainedTokenizerBase:
        """The text tower's tokenizer: its own, or the language model's where both share one."""
        if self._encoder_tokenizer is None:
            if self._encoder_tokenizer_folder is None:
                own: PreTrainedTokenizerBase = self.tokenizer
                return own
            if not (self._encoder_tokenizer_folder / "tokenizer.json").is_file():
                raise CheckpointError(
                    f"{self._encoder_tokenizer_folder} holds no tokenizer: tokenizer.json missing."
                )
            self._encoder_tokenizer = AutoTokenizer.from_pretrained(
                self._encoder_tokenizer_folder, trust_remote_code=False, local_files_only=True
            )
        return self._encoder_tokenizer

    @encoder_tokenizer.setter
    def encoder_tokenizer(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._encoder_tokenizer = tokenizer

    @property
    def pad_token_id(self) -> int:
        """What padding is made of; masks and labels leave it out, so any token will do."""
        pad = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if pad is None else pad)

    def check_fits(self, config: ModaConfig) -> None:
        """Raises `CheckpointError` when a token id has no row among the model's embeddings.

        More rows than tokens are fine: OPT has 50,272 for 50,265.
        """
        _check_rows(self.tokenizer, config.language_config.vocab_size, "language model")
        if self._encoder_tokenizer is not None:
            rows = config.encoder_config.text_config.vocab_size
            _check_rows(self._encoder_tokenizer, rows, "encoder's text tower")

    def encoder_text(self, sentences: Sequence[str], length: int) -> BatchFeature:
        """Tensors for the encoder's `get_text_features`: how well a sentence fits a photo.

        Args:
            length: tokens that the text tower takes (`text_config.max_position_embeddings`);
                longer sentences are cut, their end token kept.

        Returns `input_ids` and `attention_mask`, each (batch, tokens), right-padded.
        """
        tokenizer = self.encoder_tokenizer
        end = tokenizer.eos_token_id
        rows = []
        for sentence in sentences:
            ids: list[int] = tokenizer(sentence)["input_ids"]
            ids = ids[:-1] if ids and ids[-1] == end else ids
            rows.append([*ids[: length - 1], end])
        pad = end if tokenizer.pad_token_id is None else tokenizer.pad_token_id
        return BatchFeature(_right_padded(rows, pad))

    def __call__(
        self,
        images: Photo | Sequence[Photo] | None = None,
        text: str | Sequence[str] | None = None,
        facts: str | Sequence[str | None] | None = None,
        facts_length: int = 96,
        **kwargs: Any,
    ) -> BatchFeature:
        """Tensors for `ModaForCaptioning.forward` or, without `text`, for `generate`.

        One photo, text or fact is taken for a list of it.

        Args:
            images: photos of any kind; `pixel_values` of (batch, 3, height, width).
            text: captions to learn; gives `labels`, -100 on facts and padding. `generate` goes on
                with them.
            facts: what is known of each photo, or `None`; longer facts are cut at `facts_length`.
            kwargs: what other processors of transformers take; tensors are always of torch.

        Raises `PhotoError` for what cannot be read as a photo.
        """
        data: dict[str, Any] = {}
        photos = None if images is None else _listed(images)
        facts = [facts] if isinstance(facts, str) else facts
        if photos is not None:
            pictures = [picture_of(photo) for photo in photos]
            pixels = self.image_processor(images=pictures, return_tensors="pt")
            data["pixel_values"] = pixels["pixel_values"]
        if text is not None:
            texts = [text] if isinstance(text, str) else text
            data |= self.padded(self.sequences(texts, facts, facts_length))
            return BatchFeature(data)
        known = facts if facts is not None else [None] * len(photos or [])
        rows = self.prefixes(known, facts_length)
        return BatchFeature(data | self._prefix_tensors(rows) if any(rows) else data)

    def prefixes(self, facts: Sequence[str | None], facts_length: int = 96) -> list[list[int]]:
        """What generation begins after, photo apart: the tokens of `[facts][opening]` of each."""
        opening = self.opening_ids()
        return [[*self._fact_ids(fact, facts_length, opening), *opening] for fact in facts]

    def sequences(
        self,
        texts: Sequence[str],
        facts: Sequence[str | None] | None = None,
        facts_length: int = 96,
    ) -> list[tuple[list[int], int]]:
        """The tokens of `[facts][text][end]` of each text, and how many are the facts'.

        Raises `ValueError` when there are not as many facts as texts.
        """
        opening = self.opening_ids()
        known = facts if facts is not None else [None] * len(texts)
        sequences = []
        for text, fact in zip(texts, known, strict=True):
            fact_ids = self._fact_ids(fact, facts_length, opening)
            sequences.append((fact_ids + self._caption_ids(text, opening), len(fact_ids)))
        return sequences

    def opening_ids(self) -> list[int]:
        """What the tokenizer puts before every text: OPT's `</s>`, Llama's `<s>`, often nothing.

        A caption is learned with it, so generation begins after it. Without it OPT, whose opening
        and end are the same token, would say nothing but its end.
        """
        whole: list[int] = self.tokenizer("a")["input_ids"]
        first: int = self.tokenizer("a", add_special_tokens=False)["input_ids"][0]
        return whole[: whole.index(first)]

    def _fact_ids(self, fact: str | None, length: int, opening: list[int]) -> list[int]:
        """The fact and what parts it from the caption, unless the caption's opening does."""
        if not fact:
            return []
        # JSON can hold half a surrogate pair, which no tokenizer takes.
        whole = fact.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        ids: list[int] = self.tokenizer(whole, add_special_tokens=False)["input_ids"][:length]
        begin, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        return ids if opening else [*ids, end if begin is None else begin]

    def _caption_ids(self, caption: str, opening: list[int]) -> list[int]:
        """The opening, if any, the caption's tokens and the end token."""
        ids: list[int] = self.tokenizer(caption)["input_ids"]
        end = self.tokenizer.eos_token_id
        ends_already = len(ids) > len(opening) and ids[-1] == end
        return ids if ends_already else [*ids, end]

    def text_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """The tokens of each text as generation gives them, without opening and end."""
        found: list[list[int]] = self.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
        return found

    def padded(self, sequences: Sequence[tuple[list[int], int]]) -> dict[str, torch.Tensor]:
        """Right-padded `input_ids`, `attention_mask`, `labels`, each (batch, tokens).

        Args:
            sequences: what `sequences` gives.
        """
        tensors = _right_padded([ids for ids, _ in sequences], self.pad_token_id)
        labels = tensors["input_ids"].masked_fill(tensors["attention_mask"] == 0, IGNORED_LABEL)
        for row, (_, facts) in zip(labels, sequences, strict=True):
            row[:facts] = IGNORED_LABEL
        return {**tensors, "labels": labels}

    def _prefix_tensors(self, fact_ids: Sequence[list[int]]) -> dict[str, torch.Tensor]:
        """Left-padded facts, so that every row's next token is the last column's."""
        width = max(len(row) for row in fact_ids)
        input_ids = torch.full((len(fact_ids), width), self.pad_token_id, dtype=torch.long)
        mask = torch.zeros_like(input_ids)
        for index, row in enumerate(fact_ids):
            if row:
                input_ids[index, width - len(row) :] = torch.tensor(row)
                mask[index, width - len(row) :] = 1
        return {"input_ids": input_ids, "attention_mask": mask}


def _fetched_tokenizer(name: str, options: dict[str, Any]) -> Path | None:
    """The text tower's tokenizer of a model on the hub, in the hub's cache, if it has its own."""
    known = {option: options[option] for option in _HUB_OPTIONS if option in options}
    found = [
        cached_file(name, file, _raise_exceptions_for_missing_entries=False, **known)
        for file in (
            f"{ENCODER_TOKENIZER_FOLDER}/tokenizer_config.json",
            f"{ENCODER_TOKENIZER_FOLDER}/tokenizer.json",
        )
    ]
    return Path(found[-1]).parent if found[-1] else None


def _listed(images: Any) -> list[Photo]:
    """A list of photos: one photo is one, and so is an array of three dimensions."""
    if isinstance(images, list | tuple):
        return list(images)
    return list(images) if getattr(images, "ndim", 0) == 4 else [images]


def same_tokenizer(one: PreTrainedTokenizerBase, other: PreTrainedTokenizerBase) -> bool:
    """Whether both give the same tokens, special ones included, for every text."""
    return (
        one.backend_tokenizer.to_str() == other.backend_tokenizer.to_str()
        and one.special_tokens_map == other.special_tokens_map
    )


def _right_padded(rows: Sequence[list[int]], pad: int) -> dict[str, torch.Tensor]:
    """`input_ids` and `attention_mask`, each (batch, tokens)."""
    shape = (len(rows), max(len(row) for row in rows))
    input_ids = torch.full(shape, pad, dtype=torch.long)
    mask = torch.zeros(shape, dtype=torch.long)
    for index, row in enumerate(rows):
        input_ids[index, : len(row)] = torch.tensor(row)
        mask[index, : len(row)] = 1
    return {"input_ids": input_ids, "attention_mask": mask}


def _check_rows(tokenizer: PreTrainedTokenizerBase, rows: int, slot: str) -> None:
    highest = max(tokenizer.get_vocab().values())
    if highest >= rows:
        raise CheckpointError(
            f"The tokenizer does not fit the {slot}: it has token ids up to {highest}, the model "
            f"has embeddings for {rows}, ids 0 to {rows - 1}. Take the tokenizer that was "
            f"published with the model."
        )


AutoProcessor.register(ModaConfig, ModaProcessor, exist_ok=True)

"""The loop against transformers' own `generate`, in single precision, token for token."""

from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM, GenerationConfig, GPT2Config, LlamaConfig, OPTConfig

from moda_engine.inference.decoder import Decoder
from moda_engine.inference.families import decoder_of
from moda_engine.inference.loop import FusedLoop, PlainLoop
from moda_engine.inference.prompts import Prompt, Prompts, Sampling

WIDTH = 48
END = 7
OPT = OPTConfig(
    vocab_size=301,
    hidden_size=WIDTH,
    word_embed_proj_dim=WIDTH,
    ffn_dim=100,
    num_hidden_layers=3,
    num_attention_heads=4,
    max_position_embeddings=64,
    init_std=0.3,
)
LLAMA = LlamaConfig(
    vocab_size=301,
    hidden_size=WIDTH,
    intermediate_size=100,
    num_hidden_layers=3,
    num_attention_heads=6,
    num_key_value_heads=2,
    max_position_embeddings=64,
    initializer_range=0.3,
)
GPT2 = GPT2Config(vocab_size=301, n_embd=WIDTH, n_layer=2, n_head=4, initializer_range=0.3)


def model_of(config):
    torch.manual_seed(0)
    return AutoModelForCausalLM.from_config(config).eval()


def prompts_of(count: int) -> list[Prompt]:
    """Of two to five tokens, each with a limit of its own."""
    torch.manual_seed(1)
    return [
        Prompt(torch.randn(2 + number % 4, WIDTH), limit=5 + 7 * number % 20)
        for number in range(count)
    ]


@torch.no_grad()
def plain_tokens(model, prompt: Prompt, end: int | None = END) -> list[int]:
    settings = GenerationConfig(
        max_new_tokens=prompt.limit, do_sample=False, eos_token_id=end, pad_token_id=0
    )
    mask = torch.ones(1, len(prompt.embeds), dtype=torch.long)
    output = model.generate(
        inputs_embeds=prompt.embeds.unsqueeze(0), attention_mask=mask, generation_config=settings
    )
    return output[0].tolist()


def everything(loop, prompts) -> list:
    found = dict(one for ended in loop.run(Prompts(prompts)) for one in ended)
    assert sorted(found) == list(range(len(prompts)))
    return [found[number] for number in range(len(prompts))]


@pytest.mark.parametrize("config", [OPT, LLAMA], ids=["opt", "llama"])
@pytest.mark.parametrize("slots", [1, 3, 16, 64])
def test_the_tokens_are_those_of_plain_generate(config, slots):
    model, prompts = model_of(config), prompts_of(20)
    end = plain_tokens(model, prompts[0], None)[3]  # so that some end of themselves
    expected = [plain_tokens(model, prompt, end) for prompt in prompts]
    assert 0 < sum(tokens[-1] == end for tokens in expected) < len(prompts)
    written = everything(FusedLoop(decoder_of(model), {end}, slots), prompts)
    assert [one.tokens for one in written] == expected


@pytest.mark.parametrize("config", [OPT, LLAMA], ids=["opt", "llama"])
def test_log_probabilities_are_those_of_a_pass_over_the_whole_text(config):
    model, prompts = model_of(config), prompts_of(6)
    written = everything(FusedLoop(decoder_of(model), {END}, 4), prompts)
    for prompt, one in zip(prompts, written, strict=True):
        tokens = torch.tensor([one.tokens])
        embeds = torch.cat([prompt.embeds.unsqueeze(0), model.get_input_embeddings()(tokens)], 1)
        logits = model(inputs_embeds=embeds).logits[0, len(prompt.embeds) - 1 : -1]
        expected = logits.log_softmax(-1).gather(1, tokens.T).squeeze(1)
        assert one.log_probabilities == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("config", [OPT, LLAMA], ids=["opt", "llama"])
@pytest.mark.parametrize("kept_in", [torch.bfloat16, torch.float32], ids=["tiles", "no-tiles"])
def test_bfloat16_runs_and_mostly_agrees(config, kept_in, monkeypatch):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: kept_in == torch.bfloat16)
    model, prompts = model_of(config), prompts_of(20)
    halves = [Prompt(prompt.embeds.bfloat16(), prompt.limit) for prompt in prompts]
    firsts = [plain_tokens(model, prompt)[0] for prompt in prompts]
    decoder = decoder_of(model.bfloat16())
    assert decoder.new_cache(1, 1).dtype == kept_in
    written = everything(FusedLoop(decoder, {END}, 8), halves)
    agreed = sum(one.tokens[0] == first for one, first in zip(written, firsts, strict=True))
    assert agreed >= 18


def test_new_rows_join_while_others_are_written():
    model, prompts = model_of(OPT), prompts_of(20)
    ended = [len(step) for step in FusedLoop(decoder_of(model), {END}, 4).run(Prompts(prompts))]
    one_after_the_other = sum(
        max(len(plain_tokens(model, prompt)) for prompt in prompts[start : start + 4])
        for start in range(0, 20, 4)
    )
    assert sum(ended) == 20
    assert len(ended) < one_after_the_other


def test_products_are_computed_for_few_numbers_of_rows():
    model, prompts = model_of(OPT), prompts_of(20)
    expected = [plain_tokens(model, prompt) for prompt in prompts]
    counts = set()
    embed = model.get_input_embeddings()
    embed.register_forward_pre_hook(lambda _, inputs: counts.add(len(inputs[0])))
    written = everything(FusedLoop(decoder_of(model), {END}, 20), prompts)
    assert [one.tokens for one in written] == expected
    assert counts == {1, 4, 8, 16, 20}


def test_an_unknown_model_is_written_by_transformers_with_the_same_face():
    model, prompts = model_of(GPT2), prompts_of(6)
    assert decoder_of(model) is None
    settings = GenerationConfig(eos_token_id=END, pad_token_id=0)
    written = everything(PlainLoop(model, settings, {END}, 4), prompts)
    assert [one.tokens for one in written] == [plain_tokens(model, prompt) for prompt in prompts]
    assert all(len(one.log_probabilities) == len(one.tokens) for one in written)


def test_where_memory_is_short_half_of_the_rows_wait(monkeypatch):
    model, prompts = model_of(OPT), prompts_of(12)
    sizes = []
    step = Decoder.step

    def poor(self, tokens, *arguments):
        sizes.append(len(tokens))
        if len(tokens) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return step(self, tokens, *arguments)

    monkeypatch.setattr(Decoder, "step", poor)
    written = everything(FusedLoop(decoder_of(model), {END}, 8), prompts)
    assert [one.tokens for one in written] == [plain_tokens(model, prompt) for prompt in prompts]
    assert [size for size in sizes if size > 3] == [8, 4]


def test_a_single_row_that_memory_does_not_suffice_for_is_an_error(monkeypatch):
    def poor(self, *arguments):
        raise MemoryError("not enough memory: you tried to allocate 1 byte")

    monkeypatch.setattr(Decoder, "step", poor)
    with pytest.raises(MemoryError, match="not enough memory"):
        everything(FusedLoop(decoder_of(model_of(OPT)), {END}, 4), prompts_of(3))


def drafted(prompts: list[Prompt], texts: list[list[int]]) -> list[Prompt]:
    return [
        Prompt(prompt.embeds, prompt.limit, tuple(text))
        for prompt, text in zip(prompts, texts, strict=True)
    ]


@pytest.mark.parametrize("config", [OPT, LLAMA], ids=["opt", "llama"])
@pytest.mark.parametrize("slots", [1, 3, 16])
def test_drafts_change_no_token(config, slots):
    model, prompts = model_of(config), prompts_of(20)
    end = plain_tokens(model, prompts[0], None)[3]
    expected = [plain_tokens(model, prompt, end) for prompt in prompts]
    plain = everything(FusedLoop(decoder_of(model), {end}, slots), prompts)
    # Whole, longer than there is room, right at first, wrong at once, none.
    drafts = [
        [text, text + [9] * 30, [*text[:2], 300, *text[2:]], [300, *text], []][number % 5]
        for number, text in enumerate(expected)
    ]
    written = everything(FusedLoop(decoder_of(model), {end}, slots), drafted(prompts, drafts))
    assert [one.tokens for one in written] == expected
    for one, other in zip(written, plain, strict=True):
        assert one.log_probabilities == pytest.approx(other.log_probabilities, abs=1e-4)


def test_a_draft_that_is_right_is_written_in_one_pass():
    model, prompts = model_of(OPT), prompts_of(8)
    expected = [plain_tokens(model, prompt) for prompt in prompts]
    loop = FusedLoop(decoder_of(model), {END}, 8)
    steps = [len(ended) for ended in loop.run(Prompts(drafted(prompts, expected)))]
    assert steps == [8]


def test_drafts_that_are_mostly_wrong_are_no_longer_read(monkeypatch):
    model = model_of(OPT)
    prompts = [Prompt(torch.randn(2, WIDTH), 20) for _ in range(60)]
    widths = []
    prefix = Decoder.prefix

    def watched(self, embeds, *arguments):
        widths.append(embeds.shape[1])
        return prefix(self, embeds, *arguments)

    monkeypatch.setattr(Decoder, "prefix", watched)
    expected = [plain_tokens(model, prompt) for prompt in prompts]
    wrong = drafted(prompts, [[300] * 19] * 60)
    written = everything(FusedLoop(decoder_of(model), {END}, 1), wrong)
    assert [one.tokens for one in written] == expected
    # 27 drafts of 19 tokens are the first 512.
    assert widths == [21] * 27 + [2] * 33


def drawing(prompts, seeds=(1, 2, 3)):
    """Each prompt once for every seed, and once more for its likeliest tokens."""
    return [
        replace(prompt, sampling=sampling)
        for prompt in prompts
        for sampling in (*(Sampling(seed, 1.5, 0.95) for seed in seeds), None)
    ]


@pytest.mark.parametrize("slots", [1, 5, 64])
def test_what_is_drawn_hangs_on_prompt_and_seed_alone(slots):
    model, prompts = model_of(LLAMA), prompts_of(5)
    alone = [
        everything(FusedLoop(decoder_of(model), {END}, 1), [prompt])[0].tokens
        for prompt in drawing(prompts)
    ]
    together = everything(FusedLoop(decoder_of(model), {END}, slots), drawing(prompts))
    assert [one.tokens for one in together] == alone
    assert len({tuple(tokens) for tokens in alone}) == len(alone)
    greedy = everything(FusedLoop(decoder_of(model), {END}, slots), prompts)
    assert alone[3::4] == [one.tokens for one in greedy]


def test_transformers_draws_the_same():
    model, prompts = model_of(LLAMA), drawing(prompts_of(3))
    settings = GenerationConfig(eos_token_id=END, pad_token_id=0)
    expected = everything(FusedLoop(decoder_of(model), {END}, 12), prompts)
    written = everything(PlainLoop(model, settings, {END}, 12), prompts)
    assert [one.tokens for one in written] == [one.tokens for one in expected]
    for one, other in zip(written, expected, strict=True):
        assert one.log_probabilities == pytest.approx(other.log_probabilities, abs=1e-4)


def test_what_is_drawn_is_as_likely_as_the_model_finds_it():
    model = model_of(LLAMA)
    [prompt] = prompts_of(1)
    [one] = everything(
        FusedLoop(decoder_of(model), {END}, 1), [replace(prompt, sampling=Sampling(4, 2.0))]
    )
    tokens = torch.tensor([one.tokens])
    embeds = torch.cat([prompt.embeds.unsqueeze(0), model.get_input_embeddings()(tokens)], 1)
    logits = model(inputs_embeds=embeds).logits[0, len(prompt.embeds) - 1 : -1]
    expected = logits.log_softmax(-1).gather(1, tokens.T).squeeze(1)
    assert one.log_probabilities == pytest.approx(expected.tolist(), abs=1e-4)
    assert not one.is_undecided


def test_prompts_that_share_their_embeddings_are_read_once(monkeypatch):
    rows, read = [], Decoder.prefix

    def counted(self, embeds, cache, first):
        rows.append(len(embeds))
        return read(self, embeds, cache, first)

    monkeypatch.setattr(Decoder, "prefix", counted)
    everything(FusedLoop(decoder_of(model_of(LLAMA)), {END}, 16), drawing(prompts_of(4)))
    assert rows == [4]

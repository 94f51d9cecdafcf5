"""Decoders of the language models that are known: which module is which part."""

from typing import Any

from torch import Tensor
from transformers.activations import ACT2FN

from moda_engine.generation.decoder import Decoder, Layer
from moda_engine.linear import FusedLinear


def decoder_of(language_model: Any) -> Decoder | None:
    """The decoder that computes what `language_model` does; `None` where the model is unknown."""
    build = _FAMILIES.get(language_model.config.model_type)
    return None if build is None else build(language_model)


def _opt(model: Any) -> Decoder | None:
    """OPT with its norms before, as all but the one of 350 million parameters have it."""
    config, inside = model.config, model.model.decoder
    is_usual = config.do_layer_norm_before and inside.final_layer_norm is not None
    if not is_usual or inside.project_in is not None:
        return None
    activation = (config.activation_function, ACT2FN[config.activation_function])

    def enter(embeds: Tensor, positions: Tensor) -> Tensor:
        return embeds + inside.embed_positions(None, position_ids=positions)

    return Decoder(
        layers=[
            Layer(
                attention_norm=layer.self_attn_layer_norm,
                queries_keys_values=_queries_keys_values(layer.self_attn),
                attention_out=FusedLinear(layer.self_attn, "out_proj"),
                feed_forward_norm=layer.final_layer_norm,
                up=FusedLinear(layer, "fc1", activation=activation),
                gate=None,
                down=FusedLinear(layer, "fc2"),
            )
            for layer in inside.layers
        ],
        final_norm=inside.final_layer_norm,
        vocabulary=FusedLinear(model, "lm_head"),
        embed=inside.embed_tokens,
        heads=config.num_attention_heads,
        kv_heads=config.num_attention_heads,
        head_size=config.hidden_size // config.num_attention_heads,
        positions=config.max_position_embeddings,
        enter=enter,
    )


def _llama(model: Any) -> Decoder:
    config, inside = model.config, model.model
    activation = (config.hidden_act, ACT2FN[config.hidden_act])
    return Decoder(
        layers=[
            Layer(
                attention_norm=layer.input_layernorm,
                queries_keys_values=_queries_keys_values(layer.self_attn),
                attention_out=FusedLinear(layer.self_attn, "o_proj"),
                feed_forward_norm=layer.post_attention_layernorm,
                up=FusedLinear(layer.mlp, "up_proj"),
                gate=FusedLinear(layer.mlp, "gate_proj", activation=activation),
                down=FusedLinear(layer.mlp, "down_proj"),
            )
            for layer in inside.layers
        ],
        final_norm=inside.norm,
        vocabulary=FusedLinear(model, "lm_head"),
        embed=inside.embed_tokens,
        heads=config.num_attention_heads,
        kv_heads=config.num_key_value_heads,
        head_size=inside.layers[0].self_attn.head_dim,
        positions=config.max_position_embeddings,
        rotate=inside.rotary_emb,
    )


def _queries_keys_values(attention: Any) -> FusedLinear:
    return FusedLinear(attention, "q_proj", "k_proj", "v_proj")


_FAMILIES = {"opt": _opt, "llama": _llama}

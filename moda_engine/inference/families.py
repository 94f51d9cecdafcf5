"""Decoders of the language models that are known: which module is which part."""

from typing import Any

from torch import Tensor
from transformers.activations import ACT2FN

from moda_engine.inference.decoder import Decoder, Layer
from moda_engine.inference.linear import FusedLinear

Linear = type[FusedLinear]
#: Queries, keys and values, in one product.
_INPUTS = ("q_proj", "k_proj", "v_proj")


def decoder_of(language_model: Any, linear: Linear = FusedLinear) -> Decoder | None:
    """The decoder that computes what `language_model` does; `None` where the model is unknown.

    Args:
        linear: what its products are computed by.
    """
    build = _FAMILIES.get(language_model.config.model_type)
    return None if build is None else build(language_model, linear)


def _opt(model: Any, linear: Linear) -> Decoder | None:
    """OPT with its norms before, as all but the one of 350 million parameters have it."""
    config, inside = model.config, model.model.decoder
    is_usual = config.do_layer_norm_before and inside.final_layer_norm is not None
    if not is_usual or inside.project_in is not None:
        return None
    activation = (config.activation_function, ACT2FN[config.activation_function])

    def enter(embeds: Tensor, positions: Tensor) -> Tensor:
        entered: Tensor = embeds + inside.embed_positions(None, position_ids=positions)
        return entered

    return Decoder(
        layers=[
            Layer(
                attention_norm=layer.self_attn_layer_norm,
                queries_keys_values=linear(layer.self_attn, *_INPUTS),
                attention_out=linear(layer.self_attn, "out_proj"),
                feed_forward_norm=layer.final_layer_norm,
                up=linear(layer, "fc1", activation=activation),
                gate=None,
                down=linear(layer, "fc2"),
            )
            for layer in inside.layers
        ],
        final_norm=inside.final_layer_norm,
        vocabulary=linear(model, "lm_head"),
        embed=inside.embed_tokens,
        heads=config.num_attention_heads,
        kv_heads=config.num_attention_heads,
        head_size=config.hidden_size // config.num_attention_heads,
        positions=config.max_position_embeddings,
        enter=enter,
    )


def _llama(model: Any, linear: Linear) -> Decoder:
    config, inside = model.config, model.model
    activation = (config.hidden_act, ACT2FN[config.hidden_act])
    return Decoder(
        layers=[
            Layer(
                attention_norm=layer.input_layernorm,
                queries_keys_values=linear(layer.self_attn, *_INPUTS),
                attention_out=linear(layer.self_attn, "o_proj"),
                feed_forward_norm=layer.post_attention_layernorm,
                up=linear(layer.mlp, "up_proj"),
                gate=linear(layer.mlp, "gate_proj", activation=activation),
                down=linear(layer.mlp, "down_proj"),
            )
            for layer in inside.layers
        ],
        final_norm=inside.norm,
        vocabulary=linear(model, "lm_head"),
        embed=inside.embed_tokens,
        heads=config.num_attention_heads,
        kv_heads=config.num_key_value_heads,
        head_size=inside.layers[0].self_attn.head_dim,
        positions=config.max_position_embeddings,
        rotate=inside.rotary_emb,
    )


_FAMILIES = {"opt": _opt, "llama": _llama}

"""EfficientNet-Lite, a convolutional backbone: EfficientNet without squeeze and excitation.

Tan and Le 2019; the Lite variants are Google's, for processors that are slow at anything but
convolutions and ReLU6. Modules are named as in transformers' `EfficientNetModel`.
"""

import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.activations import ACT2FN
from transformers.modeling_outputs import BaseModelOutputWithPooling

from moda_engine.configuration import EfficientNetLiteConfig


class SameConv2d(nn.Conv2d):
    """A convolution that pads as TensorFlow's `SAME` does: with a stride, one more at the end."""

    def __init__(
        self, inputs: int, outputs: int, kernel_size: int, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel_size, stride, groups=groups, bias=False)

    def forward(self, inputs: Tensor) -> Tensor:
        """(batch, inputs, height, width) → (batch, outputs, height / stride, width / stride)."""
        height, width = inputs.shape[-2:]
        padding = (*self.same_padding(width), *self.same_padding(height))
        return super().forward(nn.functional.pad(inputs, padding) if any(padding) else inputs)

    def same_padding(self, side: int) -> tuple[int, int]:
        """Zeros before and behind a row of `side` pixels."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        added = max((math.ceil(side / stride) - 1) * stride + kernel - side, 0)
        return added // 2, added - added // 2


class EfficientNetLiteEmbeddings(nn.Module):
    """The stem: the photo at half its size."""

    def __init__(self, config: EfficientNetLiteConfig, channels: int) -> None:
        super().__init__()
        self.convolution = SameConv2d(config.num_channels, channels, 3, stride=2)
        self.batchnorm = _norm(config, channels)
        self.activation = ACT2FN[config.hidden_act]

    def forward(self, pixel_values: Tensor) -> Tensor:
        """(batch, 3, height, width) → (batch, channels, height / 2, width / 2)."""
        hidden: Tensor = self.activation(self.batchnorm(self.convolution(pixel_values)))
        return hidden


class EfficientNetLiteExpansion(nn.Module):
    """More channels, point by point."""

    def __init__(self, config: EfficientNetLiteConfig, inputs: int, outputs: int) -> None:
        super().__init__()
        self.expand_conv = SameConv2d(inputs, outputs, 1)
        self.expand_bn = _norm(config, outputs)
        self.expand_act = ACT2FN[config.hidden_act]

    def forward(self, hidden: Tensor) -> Tensor:
        expanded: Tensor = self.expand_act(self.expand_bn(self.expand_conv(hidden)))
        return expanded


class EfficientNetLiteDepthwise(nn.Module):
    """Each channel filtered by itself."""

    def __init__(
        self, config: EfficientNetLiteConfig, channels: int, kernel_size: int, stride: int
    ) -> None:
        super().__init__()
        self.depthwise_conv = SameConv2d(channels, channels, kernel_size, stride, groups=channels)
        self.depthwise_norm = _norm(config, channels)
        self.depthwise_act = ACT2FN[config.hidden_act]

    def forward(self, hidden: Tensor) -> Tensor:
        filtered: Tensor = self.depthwise_act(self.depthwise_norm(self.depthwise_conv(hidden)))
        return filtered


class EfficientNetLiteProjection(nn.Module):
    """Fewer channels, point by point; no activation follows."""

    def __init__(self, config: EfficientNetLiteConfig, inputs: int, outputs: int) -> None:
        super().__init__()
        self.project_conv = SameConv2d(inputs, outputs, 1)
        self.project_bn = _norm(config, outputs)

    def forward(self, hidden: Tensor) -> Tensor:
        projected: Tensor = self.project_bn(self.project_conv(hidden))
        return projected


class EfficientNetLiteBlock(nn.Module):
    """An inverted bottleneck; where its output has the shape of its input, it adds to it.

    Args:
        drop_rate: of the photos of a training batch, so many skip the block (stochastic depth).
    """

    def __init__(
        self,
        config: EfficientNetLiteConfig,
        inputs: int,
        outputs: int,
        kernel_size: int,
        stride: int,
        expand_ratio: int,
        drop_rate: float,
    ) -> None:
        super().__init__()
        channels = inputs * expand_ratio
        self.expansion = (
            EfficientNetLiteExpansion(config, inputs, channels) if expand_ratio != 1 else None
        )
        self.depthwise_conv = EfficientNetLiteDepthwise(config, channels, kernel_size, stride)
        self.projection = EfficientNetLiteProjection(config, channels, outputs)
        self.is_residual = stride == 1 and inputs == outputs
        self.drop_rate = drop_rate

    def forward(self, hidden: Tensor) -> Tensor:
        """(batch, inputs, height, width) → (batch, outputs, height / stride, width / stride)."""
        expanded = hidden if self.expansion is None else self.expansion(hidden)
        projected: Tensor = self.projection(self.depthwise_conv(expanded))
        if not self.is_residual:
            return projected
        if self.training and self.drop_rate > 0:
            chance = torch.rand(len(hidden), 1, 1, 1, device=hidden.device)
            projected = projected * (chance >= self.drop_rate) / (1 - self.drop_rate)
        return hidden + projected


class EfficientNetLiteEncoder(nn.Module):
    """All blocks, and the last convolution to `hidden_dim` channels."""

    def __init__(self, config: EfficientNetLiteConfig) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_blocks(config))
        self.top_conv = SameConv2d(config.hidden_sizes[-2], config.hidden_dim, 1)
        self.top_bn = _norm(config, config.hidden_dim)
        self.top_activation = ACT2FN[config.hidden_act]

    def forward(self, hidden: Tensor) -> Tensor:
        for block in self.blocks:
            hidden = block(hidden)
        top: Tensor = self.top_activation(self.top_bn(self.top_conv(hidden)))
        return top


class EfficientNetLiteModel(PreTrainedModel):
    """The backbone without a classifier; its pooled output is the mean over the photo."""

    config_class = EfficientNetLiteConfig
    base_model_prefix = "efficientnet_lite"
    main_input_name = "pixel_values"
    _no_split_modules = ["EfficientNetLiteBlock"]

    def __init__(self, config: EfficientNetLiteConfig) -> None:
        super().__init__(config)
        self.embeddings = EfficientNetLiteEmbeddings(config, config.in_channels[0])
        self.encoder = EfficientNetLiteEncoder(config)
        self.post_init()

    def forward(self, pixel_values: Tensor) -> BaseModelOutputWithPooling:
        """Features of photos, (batch, 3, height, width), normalised by (x - 127) / 128.

        `last_hidden_state` is (batch, hidden_dim, ⌈height / 32⌉, ⌈width / 32⌉), and `pooler_output`
        (batch, hidden_dim).
        """
        hidden = self.encoder(self.embeddings(pixel_values))
        return BaseModelOutputWithPooling(
            last_hidden_state=hidden, pooler_output=hidden.mean((2, 3))
        )

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, nn.Conv2d):
            # Kaiming's, by the outputs that one input reaches; torch's own passes groups over.
            reached = module.weight[:, 0].numel() / module.groups
            nn.init.normal_(module.weight, std=math.sqrt(2 / reached))
        else:
            super()._init_weights(module)  # type: ignore[no-untyped-call]  # transformers' own


def _norm(config: EfficientNetLiteConfig, channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=config.batch_norm_eps, momentum=config.batch_norm_momentum)


def _blocks(config: EfficientNetLiteConfig) -> Iterator[EfficientNetLiteBlock]:
    """The first block of a stage changes size and channels; later ones are skipped more often."""
    total, made, inputs = sum(config.depths), 0, config.in_channels[0]
    for stage, repeats in enumerate(config.depths):
        outputs = config.hidden_sizes[stage]
        for repeat in range(repeats):
            yield EfficientNetLiteBlock(
                config,
                inputs,
                outputs,
                kernel_size=config.kernel_sizes[stage],
                stride=config.strides[stage] if repeat == 0 else 1,
                expand_ratio=config.expand_ratios[stage],
                drop_rate=config.drop_connect_rate * made / total,
            )
            inputs, made = outputs, made + 1

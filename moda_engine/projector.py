"""From the encoder's space to one visual token of the language model."""

from torch import Tensor, nn


class Projector(nn.Module):
    """Linear(features → expansion·width) → GELU → Linear(expansion·width → width)."""

    def __init__(self, feature_size: int, language_size: int, expansion: int = 4) -> None:
        super().__init__()
        hidden = expansion * language_size
        self.expand = nn.Linear(feature_size, hidden)
        self.activation = nn.GELU()
        self.contract = nn.Linear(hidden, language_size)

    def forward(self, features: Tensor) -> Tensor:
        """(batch, feature_size) → (batch, language_size)."""
        return self.contract(self.activation(self.expand(features)))

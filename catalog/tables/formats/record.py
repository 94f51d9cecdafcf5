"""What a row (or several) says of one product, whatever the format."""

from dataclasses import dataclass, field

#: The texts, by the names of the columns of `Description`.
TEXT_FACTS = ("standard", "alt_text", "detailed")
#: The facts that are columns of `Product`, all as text; a category is a path.
PRODUCT_FACTS = ("title", "brand", "category", "colour", "gender", "state")
ATTRIBUTE = "attributes."
CATEGORY_SEPARATOR = " > "
#: A cell that says "make this empty"; an empty cell says nothing.
CLEAR = "[clear]"


@dataclass(slots=True)
class ProductRecord:
    """Facts by name: those of `PRODUCT_FACTS` and `TEXT_FACTS`, and `attributes.<name>`.

    A fact that is absent is left as it is; an empty one is cleared. `photos` are names or
    addresses in their order. `fallback_title` is for a new product without a title.
    """

    sku: str
    facts: dict[str, str] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    fallback_title: str = ""

    def say(self, name: str, value: str) -> None:
        """Add a fact unless there is nothing to say or it was said before."""
        if value and name not in self.facts:
            self.facts[name] = value

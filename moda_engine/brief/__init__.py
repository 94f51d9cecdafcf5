"""What is known and seen of an item, and whether a text says nothing else. Knows no model."""

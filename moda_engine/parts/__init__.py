"""The trained parts that a fresh MODA is made of: found, checked, read."""

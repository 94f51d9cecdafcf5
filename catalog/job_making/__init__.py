"""Makes jobs: which products become items, and why others do not. Used by both sides."""

"""Back-ups of an installation: database, photos and models, taken, kept, checked and restored."""

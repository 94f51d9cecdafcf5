"""Builds the committed starter from labelled photos and drawings. Nothing else imports this."""

"""Teaches the copywriter: texts of a page, learned under the briefs that they state."""

"""Many drafts at once, below `/admin/review/many/`: choose, look at a sample of ten, judge."""

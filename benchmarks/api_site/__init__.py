"""The site under load: ours, and beside it the plain one that it is compared with."""

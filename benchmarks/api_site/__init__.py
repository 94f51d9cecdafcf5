"""The site under load: the project, and beside it the plain API for comparison."""

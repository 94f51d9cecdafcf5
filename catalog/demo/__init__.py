"""What `manage.py demo` does, step by step: a catalog, a log-in, a job, and what came of it."""

"""The review desk: its pages below `/admin/review/`. It asks services and selectors alone."""

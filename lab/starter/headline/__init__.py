"""The authors' own measure, reached from scratch; `make headline`."""

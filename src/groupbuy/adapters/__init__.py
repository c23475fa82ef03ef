"""Outside things, one folder each, strangers to each other; `build` is their front door."""

"""A shop that lives thousands of short lives, each from one seed: see docs/simulator.md."""

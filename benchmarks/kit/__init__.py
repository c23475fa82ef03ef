"""What the benchmarks share: a loader, servers, seeds, and what the machine says."""

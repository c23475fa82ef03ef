"""Use cases: load, ask the domain, stage what changed, all in one unit of work."""

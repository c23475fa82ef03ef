"""Test suites of the ports, for whoever writes an adapter. Nothing in production imports this."""

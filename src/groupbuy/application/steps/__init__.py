"""Steps that several use cases share inside one open transaction."""

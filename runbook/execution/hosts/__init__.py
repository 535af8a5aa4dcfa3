"""A host that is up: what it is, how checks see it, and which boot it is in."""

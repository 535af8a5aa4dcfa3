"""Whether something holds on a host: checks, files that are checks, and what a failed one says."""

"""Shells on a host: one for each user, their state, their jobs and their recordings."""

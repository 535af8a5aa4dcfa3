"""Texts, without a host: compare, match, edit, and bring up to date."""

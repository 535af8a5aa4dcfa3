"""Finds secrets in text, however a program has encoded, wrapped or coloured them.

Nothing here knows where a secret comes from, or what is done with the text.
"""

"""Finds what a translation changes, leaves out or has not followed, at the line of its catalogue.

Catalogues are read as Sphinx reads them; nothing here imports Sphinx or knows how to translate.
"""

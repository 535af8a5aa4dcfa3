"""Chapters, platforms and alternatives verified side by side, by Dask.

Nothing here decides which worker does what: that is Dask's own scheduler.
"""

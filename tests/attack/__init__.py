"""Attacks on a run, each a program that tries something else every time.

A module with an `ATTACK` is one. `make attack` lets all of them try for an hour, and writes from
what came of it the page "What it withstands"; `make test` lets them try for some seconds.
"""

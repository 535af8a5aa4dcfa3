"""Rehearsing a guide without its software: stand-ins for programs, a reader for commands.

A stand-in is compiled from a dialogue's transcript and plays the program's side of it on a real
terminal, so that the driver and the transcript are tried before the software is at hand. It
knows nothing that the transcript does not say: what is rehearsed is not proven.
"""

"""Rehearsal of a guide without its software: dialogues are played, commands parsed and linted.

A stand-in, made from a dialogue's transcript, plays the program's side on a real terminal. It
knows only what the transcript says, so a rehearsal proves nothing about the real program.
"""

"""The commands, one module each; the command line imports a module only when it needs it.

Nothing here parses options or talks to a host by itself.
"""

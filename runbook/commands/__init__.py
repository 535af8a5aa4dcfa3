"""The commands, in folders by what they are about.

The command line imports a module only when it needs it.
Nothing here parses options or talks to a host by itself.
"""

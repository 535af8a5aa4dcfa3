"""Shell text, parsed as bash does: lines, words, quotes, and the commands that they make."""

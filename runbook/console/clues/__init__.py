"""Evidence that tells commands, output, files and prose apart: words, shapes, and context."""

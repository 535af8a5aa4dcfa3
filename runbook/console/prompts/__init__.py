"""The prompts of shells and interactive programs, and the questions that programs ask."""

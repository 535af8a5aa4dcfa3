"""Drift for people and programs: text, JUnit, Prometheus; JSON is the model's own."""

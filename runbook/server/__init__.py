"""The guide in a browser, with the live state of its steps.

Nothing here renders a guide, evaluates a check or decides a verdict.
"""

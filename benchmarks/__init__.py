"""What things cost, beside the least that they could cost, measured in the same run.

Each is run from the top of the checkout with the project's Python, and ends with 1 if a limit
is missed. A machine that is busy with something else gives figures that mean nothing.

    .venv/bin/python -m benchmarks.plan     reading a guide, and the command line itself
    .venv/bin/python -m benchmarks.reading  reading a large guide, beside Sphinx alone
    .venv/bin/python -m benchmarks.session  one command on a host; in a container as well, as root
    .venv/bin/python -m benchmarks.lab      a lab of containers; as root
    .venv/bin/python -m benchmarks.serve    live pages: states, clicks, floods; Chromium and sshd
"""

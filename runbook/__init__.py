"""Turn Sphinx chapters into ordered steps, run them on a lab, and prove every one."""

__version__ = "0.1.0"

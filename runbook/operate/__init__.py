"""What the commands do, one module for each kind; a command imports only what it needs."""

"""What tests of several rooms share: guides, hosts, transports and stand-ins, made in one place."""

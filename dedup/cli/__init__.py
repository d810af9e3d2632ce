"""The command line: one module a command; errors are shown here and only here."""

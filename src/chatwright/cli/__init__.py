"""The command line: one short file per group of commands, heavy imports inside the commands that need them."""

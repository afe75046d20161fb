"""Running a model: `host` (a supervised child process), `openvino` (inside it), `scripted` (the public fake).

Importing this room loads no inference library; only the child process does.
"""

"""Turns a message into commands: buttons, rules, slot readers, nearness to examples, and a small model as judge."""

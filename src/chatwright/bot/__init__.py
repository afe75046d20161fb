"""A bot: its definition (`bot.yaml`), its wiring, and one turn of it.

This room knows every room below it by its protocols and decides nothing that a room below can decide.
"""

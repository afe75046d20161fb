"""What the bot understands of a message before it looks anything up, and what it says in its own words.

Deterministic: no model is asked here.
"""

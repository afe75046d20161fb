"""How good a bot is, in numbers that carry their signature: question sets, judgement, report.

It receives the bot as a function; it never opens a folder's index or runs a model itself.
"""

"""Carries processes out: commands in, the next state, what is said and a trace out; nothing is written unconfirmed."""

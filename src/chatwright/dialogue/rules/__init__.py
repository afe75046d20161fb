"""Rules of a bot: condition → behaviour, by priority and exclusion, matched against every message."""

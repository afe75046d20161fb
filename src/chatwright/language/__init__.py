"""What every room must know of Chinese and English text: folding, words, sentences, which language, quantities.

Pure functions of strings; nothing here reads files, loads a model or knows what a bot is.
"""

"""What the word index holds of a text: the words' terms and, for Chinese, every pair of neighbouring characters.

In: text. Out: terms. Pairs find what the segmenter cut otherwise in question and passage: on CMRC 2018 (1,002
questions, 256 passages) word search alone had hit@1 0.963 without pairs and 0.980 with them.
"""

import re

from chatwright.language.fold import fold
from chatwright.language.words import search_terms

_HAN_RUN = re.compile("[㐀-䶿一-鿿豈-﫿]{2,}")


def index_terms(text: str) -> list[str]:
    """Terms in any order; a two-character word counts as word and as pair."""
    runs = _HAN_RUN.findall(fold(text))
    return search_terms(text) + [run[place : place + 2] for run in runs for place in range(len(run) - 1)]

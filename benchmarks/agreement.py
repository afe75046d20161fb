"""Replies to "shall I go ahead?": how many are read as what they are, and how many are taken for a yes that are none.

    python -m benchmarks.agreement [--show]

The replies of `benchmarks/agreement_replies.yaml` were written before anything read them; each is said to a fresh
summary of its process in examples/support. The figure that matters is the false yes: it would write. One that is read
as nothing, or as a courtesy, is asked again.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

from chatwright.dialogue.flows.domain_file import load_domain
from chatwright.dialogue.flows.flow_file import load_flows
from chatwright.dialogue.flows.flow_slots import collected_slots
from chatwright.dialogue.understanding.agreement import read_agreement
from chatwright.dialogue.understanding.process_words import ProcessWords, process_words
from chatwright.dialogue.understanding.reply_examples import EXAMPLES, KINDS
from chatwright.dialogue.understanding.reply_reader import masked
from chatwright.evaluation.report import Share
from chatwright.yamlfile import YamlFile

HERE = Path(__file__).parent
SHOWN: dict[str, dict[str, Any]] = {
    "return_parcel": {"order_id": "LM100001", "return_reason": "faulty"},
    "change_address": {"order_id": "LM100004", "new_address": "41 Elm Road, Flat 3, Leeds"},
    "book_repair": {
        "repair_device": "phone",
        "visit_date": "2026-12-04",
        "visit_time": "10:00",
        "phone": "13800001111",
    },
    "complaint": {"complaint_text": "late on Monday", "wants_call": False},
}


def words_of_support() -> dict[str, ProcessWords]:
    """The words of each process of examples/support."""
    folder = HERE.parent / "examples" / "support"
    flows, domain = load_flows(folder), load_domain(folder)
    return {
        name: process_words(flows[name], [domain.slots[slot] for slot in collected_slots(flows[name], flows)])
        for name in SHOWN
    }


def replies() -> list[tuple[str, str, str]]:
    """(process, kind, reply) of all that were written."""
    written = YamlFile(HERE / "agreement_replies.yaml").values
    return [(flow, kind, text) for flow, kinds in written.items() for kind, texts in kinds.items() for text in texts]


def read_all() -> list[tuple[str, str, str]]:
    """(kind, what it was read as or "unsure", reply) of each."""
    words = words_of_support()
    return [
        (kind, read_agreement(text, words[flow], SHOWN[flow]).kind or "unsure", text) for flow, kind, text in replies()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print the replies that were read as something else")
    given = parser.parse_args()
    read = read_all()
    table = Counter((kind, found) for kind, found, _ in read)
    num_yes = sum(kind == "yes" for kind, _, _ in read)
    num_false = sum(kind != "yes" and found == "yes" for kind, found, _ in read)
    words = words_of_support()
    known = {masked(text) for texts in EXAMPLES.values() for text in texts}
    num_known = sum(masked(text, words[flow]) in known for flow, _, text in replies())
    print(f"{'yes read as yes':<28}{Share(count=table['yes', 'yes'], n=num_yes)}")
    print(f"{'false yes':<28}{Share(count=num_false, n=len(read) - num_yes)}")
    print(f"{'read as what it is':<28}{Share(count=sum(k == f for k, f, _ in read), n=len(read))}")
    print(f"{'also among the examples':<28}{num_known} of {len(read)}")
    print("written as".ljust(12), *(kind.rjust(9) for kind in (*KINDS, "unsure")))
    for kind in KINDS:
        print(kind.ljust(12), *(str(table[kind, found]).rjust(9) for found in (*KINDS, "unsure")))
    for kind, found, text in read if given.show else []:
        if kind != found:
            print(f"{kind} -> {found}: {text}")


if __name__ == "__main__":
    main()

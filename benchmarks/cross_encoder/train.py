"""Trains the cross-encoder: multilingual-e5-small reads question and passage together and scores every sentence.

    python -m benchmarks.cross_encoder.train TRAIN.jsonl... --dev DEV.jsonl... --out DIR [--epochs 3] [--from FILE]

In: examples of `examples.py`. Low-rank updates of every matrix (LoRA, Hu et al. 2021), the norms and a linear head are
trained, the word embeddings stay as they are. Loss: binary cross-entropy of "this sentence answers" for each sentence.
Of every question each epoch takes the passages that answer and a few of the others that search found, and some of the
answering ones once more with what answers cut out: the row of Hong Kong is there, Macau's is not. Out:
`adapter.safetensors`, `report.json`, `curve.png`. bfloat16 products, float32 sums; seeded. On two cores set
MALLOC_TRIM_THRESHOLD_, MALLOC_MMAP_THRESHOLD_ and MALLOC_TOP_PAD_ high: returning memory took four fifths of the time.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from chatwright.knowledge.embedders.e5_weights import E5Weights, read_weights

NUM_OTHERS = 2  # passages of each question that do not answer, an epoch
CUT_SHARE = 0.5  # of the answering passages that are also read with what answers cut out, an epoch
NUM_FROZEN = 4  # layers at the bottom that stay as they are: a fifth of the time saved
BATCH_TOKENS = 2048
REPORT_EVERY = 50  # batches
START_SCALE = 20.0
PAD_ID, END_ID = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One question with one passage. spans, labels: of its sentences that have tokens."""

    tokens: list[int]
    question: tuple[int, int]
    spans: list[tuple[int, int]]
    labels: list[int]


class LowRank(nn.Module):
    """y = x (W + scale * B A)^T + b with W, b fixed; (…, inputs) -> (…, outputs)."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int, alpha: float) -> None:
        super().__init__()
        self.register_buffer("weight", weight.to(torch.bfloat16))
        self.register_buffer("bias", bias.to(torch.bfloat16))
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1]))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.scale = alpha / rank

    def forward(self, x: Tensor) -> Tensor:
        low = F.linear(x, self.down.to(x.dtype) * self.scale)
        return F.linear(x, self.weight, self.bias) + F.linear(low, self.up.to(x.dtype))


class Layer(nn.Module):
    """One transformer layer, normalised after each part, as in XLM-RoBERTa."""

    def __init__(self, weights: E5Weights, number: int, rank: int, alpha: float, dropout: float) -> None:
        super().__init__()
        self.num_heads = weights.num_heads
        self.dropout = dropout
        hidden, wide = weights.hidden, weights.feed_forward
        sizes = {"q": hidden, "k": hidden, "v": hidden, "ao": hidden, "fi": wide, "fo": hidden}
        self.parts = nn.ModuleDict(
            {
                part: LowRank(
                    matrix(weights, f"l{number}.{part}.w", size),
                    torch.from_numpy(weights.vector(f"l{number}.{part}.b")),
                    rank,
                    alpha,
                )
                for part, size in sizes.items()
            }
        )
        self.norms = nn.ModuleDict({part: norm(weights, f"l{number}.{part}") for part in ("aln", "oln")})

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """x: (batch, tokens, hidden); mask: (batch, 1, 1, tokens), True for a token."""
        batch, length, hidden = x.shape
        q, k, v = (
            self.parts[part](x).float().view(batch, length, self.num_heads, -1).transpose(1, 2)
            for part in ("q", "k", "v")
        )  # (batch, heads, tokens, size); attention in float32: several times faster than bfloat16 on a CPU
        read = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        read = self.parts["ao"](read.transpose(1, 2).reshape(batch, length, hidden).to(x.dtype))
        x = self.norms["aln"](x + F.dropout(read, self.dropout, self.training))
        wide = self.parts["fo"](F.gelu(self.parts["fi"](x)))
        return self.norms["oln"](x + F.dropout(wide, self.dropout, self.training))


class CrossEncoder(nn.Module):
    """Word vectors in, one logit a sentence out."""

    def __init__(self, weights: E5Weights, rank: int, alpha: float, dropout: float) -> None:
        super().__init__()
        places = weights.vector("emb.pos").reshape(-1, weights.hidden)
        places = places + weights.vector("emb.type").reshape(-1, weights.hidden)[0]
        self.register_buffer("places", torch.from_numpy(places))
        self.norm = norm(weights, "emb.ln")
        self.layers = nn.ModuleList(Layer(weights, n, rank, alpha, dropout) for n in range(weights.num_layers))
        self.head = nn.Parameter(torch.zeros(3, weights.hidden))  # of question times sentence, sentence, first token
        nn.init.constant_(self.head[0], START_SCALE)  # it begins as the cosine of question and sentence
        self.bias = nn.Parameter(torch.tensor([-0.9 * START_SCALE - 2.5]))

    def forward(self, words: Tensor, mask: Tensor, pool: Tensor) -> Tensor:
        """words (batch, tokens, hidden); mask (batch, tokens) bool; pool (batch, 1 + sentences, tokens), each row
        adding up to one over the tokens of the question, of each sentence. -> (batch, sentences) logits."""
        x = self.norm(words + self.places[: words.shape[1]]).to(torch.bfloat16)
        for layer in self.layers:
            x = layer(x, mask[:, None, None, :])
        x = x.float()
        means = F.normalize(torch.bmm(pool, x), dim=-1)  # (batch, 1 + sentences, hidden)
        question, sentences = means[:, :1], means[:, 1:]
        first = F.normalize(x[:, :1], dim=-1) @ self.head[2]  # (batch, 1)
        return (question * sentences) @ self.head[0] + sentences @ self.head[1] + first + self.bias


def matrix(weights: E5Weights, name: str, num_outputs: int) -> Tensor:
    """(outputs, inputs) float32."""
    levels, scales = weights.matrix(name, num_outputs)
    exact = (levels.astype(np.float32) - 8) * scales.astype(np.float32)
    return torch.from_numpy(exact.reshape(num_outputs, -1))


def norm(weights: E5Weights, name: str) -> nn.LayerNorm:
    made = nn.LayerNorm(weights.hidden, eps=float(weights.epsilon))
    made.weight.data = torch.from_numpy(weights.vector(f"{name}.w"))
    made.bias.data = torch.from_numpy(weights.vector(f"{name}.b"))
    return made


def read_examples(paths: Sequence[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]


def epoch_rows(examples: Sequence[dict[str, Any]], rng: random.Random) -> list[Row]:
    """The rows of one epoch: every answering passage, and NUM_OTHERS that do not answer, the higher ranked likelier."""
    rows: list[Row] = []
    for example in examples:
        passages = example["passages"]
        answering = [p for p in passages if any(p["labels"])]
        others = [p for p in passages if not any(p["labels"])]
        if example["answerable"] and not answering:
            continue
        count = NUM_OTHERS if not answering else NUM_OTHERS - 1
        drawn = sorted(range(len(others)), key=lambda place: (place + 0.5) * rng.random())[:count]
        rng.shuffle(answering)
        rows += [row(p) for p in (*answering[:2], *(others[place] for place in drawn))]
        rows += [cut for p in answering[:1] if rng.random() < CUT_SHARE for cut in without_answer(row(p))]
    return rows


def without_answer(whole: Row) -> list[Row]:
    """The passage without the sentences that answer; nothing when no other sentence is in it."""
    tokens, spans, gone = list(whole.tokens), list[tuple[int, int]](), 0
    for (start, end), label in zip(whole.spans, whole.labels, strict=True):
        if label:
            del tokens[start - gone : end - gone]
            gone += end - start
        else:
            spans.append((start - gone, end - gone))
    return [Row(tokens=tokens, spans=spans, labels=[0] * len(spans), question=whole.question)] if spans else []


def row(passage: dict[str, Any]) -> Row:
    kept = [(span, label) for span, label in zip(passage["spans"], passage["labels"], strict=True) if span[1] > span[0]]
    return Row(
        tokens=passage["tokens"],
        spans=[(s[0], s[1]) for s, _ in kept],
        labels=[label for _, label in kept],
        question=(1, passage["tokens"].index(END_ID)),
    )


def batches(rows: Sequence[Row], rng: random.Random | None) -> Iterator[list[Row]]:
    """Rows of like length together; in a random order of batches when there is a generator."""
    order = sorted(rows, key=lambda one: len(one.tokens) + (rng.random() * 24 if rng else 0))
    made: list[list[Row]] = [[]]
    for one in order:
        if made[-1] and (len(made[-1]) + 1) * len(one.tokens) > BATCH_TOKENS:
            made.append([])
        made[-1].append(one)
    if rng:
        rng.shuffle(made)
    yield from (batch for batch in made if batch)


@dataclass(frozen=True, slots=True)
class Batch:
    words: Tensor
    mask: Tensor
    pool: Tensor  # (batch, 1 + sentences, tokens)
    is_sentence: Tensor  # (batch, sentences) bool
    labels: Tensor  # (num_sentences,)


def collate(batch: Sequence[Row], weights: E5Weights) -> Batch:
    """Filled to the longest row."""
    length = max(len(one.tokens) for one in batch)
    token_ids = np.full((len(batch), length), PAD_ID, dtype=np.int32)
    mask = np.zeros((len(batch), length), dtype=bool)
    most = max(len(one.spans) for one in batch)
    pool = np.zeros((len(batch), 1 + most, length), dtype=np.float32)
    is_sentence = np.zeros((len(batch), most), dtype=bool)
    for place, one in enumerate(batch):
        token_ids[place, : len(one.tokens)] = one.tokens
        mask[place, : len(one.tokens)] = True
        is_sentence[place, : len(one.spans)] = True
        for number, (start, end) in enumerate((one.question, *one.spans)):
            pool[place, number, start:end] = 1 / (end - start)
    return Batch(
        words=torch.from_numpy(weights.word_vectors(token_ids)),
        mask=torch.from_numpy(mask),
        pool=torch.from_numpy(pool),
        is_sentence=torch.from_numpy(is_sentence),
        labels=torch.tensor([label for one in batch for label in one.labels], dtype=torch.float32),
    )


def forward(model: CrossEncoder, batch: Batch) -> Tensor:
    return model(batch.words, batch.mask, batch.pool)[batch.is_sentence]


@torch.no_grad()
def measure(model: CrossEncoder, weights: E5Weights, examples: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """By group: the best sentence right (top 1), among three (top 3), and AUROC of the best logit as a judge of
    whether the question can be answered; of XQuAD-like sets with the right passage withheld."""
    model.eval()
    flat = [(e, p) for e, example in enumerate(examples) for p in range(len(example["passages"]))]
    rows = [row(examples[e]["passages"][p]) for e, p in flat]
    order = sorted(range(len(rows)), key=lambda place: len(rows[place].tokens))
    scores: dict[tuple[int, int], list[float]] = {}
    for start in range(0, len(order), 24):
        part = [place for place in order[start : start + 24] if rows[place].spans]
        if not part:
            continue
        logits = forward(model, collate([rows[place] for place in part], weights)).tolist()
        for place in part:
            count = len(rows[place].spans)
            scores[flat[place]], logits = logits[:count], logits[count:]
    found: dict[str, Any] = {}
    for group in sorted({example["group"] for example in examples}):
        found[group] = _judged(group, examples, scores)
    return found


def _judged(group: str, examples: Sequence[dict[str, Any]], scores: dict[tuple[int, int], list[float]]) -> Any:
    first, third, yes, no = [], [], [], []
    for number, example in enumerate(examples):
        if example["group"] != group:
            continue
        ranked = sorted(
            (
                (score, label, p)
                for p, passage in enumerate(example["passages"])
                for score, label in zip(scores.get((number, p), []), row(passage).labels, strict=False)
            ),
            reverse=True,
        )
        if not ranked:
            continue
        if example["answerable"]:
            first.append(ranked[0][1])
            third.append(max(label for _, label, _ in ranked[:3]))
            yes.append(ranked[0][0])
            gold = {p for _, label, p in ranked if label}
            withheld = [score for score, _, p in ranked if p not in gold]
            if group.startswith(("xquad", "cmrc")) and withheld:
                no.append(max(withheld))
        else:
            no.append(ranked[0][0])
    return {
        "top1": float(np.mean(first)),
        "top3": float(np.mean(third)),
        "auroc": auroc(yes, no),
        "n": len(first),
        "n_no": len(no),
    }


def auroc(yes: Sequence[float], no: Sequence[float]) -> float:
    values = np.array([*yes, *no])
    ranks = np.argsort(np.argsort(values)) + 1
    return float((ranks[: len(yes)].sum() - len(yes) * (len(yes) + 1) / 2) / max(1, len(yes) * len(no)))


def prepared(options: argparse.Namespace, weights: E5Weights) -> CrossEncoder:
    """The model with what is trained marked, from the beginning or from an earlier adapter."""
    model = CrossEncoder(weights, options.rank, alpha=float(options.rank), dropout=options.dropout)
    for layer in model.layers[:NUM_FROZEN]:
        layer.requires_grad_(False)
    model.norm.requires_grad_(False)
    if options.start:
        from safetensors.torch import load_file

        earlier = {name: tensor.float() for name, tensor in load_file(options.start).items()}
        unknown = model.load_state_dict(earlier, strict=False).unexpected_keys
        assert not unknown, unknown
    return model


def train(model: CrossEncoder, weights: E5Weights, options: argparse.Namespace) -> None:
    """All epochs; what was learned is saved after each."""
    examples, dev = read_examples(options.train), read_examples(options.dev)
    rng = random.Random(options.seed)
    per_epoch = sum(1 for _ in batches(epoch_rows(examples, random.Random(0)), None))
    total = per_epoch * options.epochs
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=options.learning_rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.06 * total), max(0.02, (total - step) / (0.94 * total)))
    )
    print(f"{len(examples)} questions, {per_epoch} batches an epoch, {sum(p.numel() for p in trained)} weights trained")
    curve: list[float] = []
    history: list[dict[str, Any]] = []
    started_s = time.monotonic()
    for epoch in range(options.epochs):
        model.train()
        for number, rows in enumerate(batches(epoch_rows(examples, rng), rng)):
            batch = collate(rows, weights)
            loss = F.binary_cross_entropy_with_logits(forward(model, batch), batch.labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            curve.append(loss.item())
            if number % REPORT_EVERY == REPORT_EVERY - 1:
                recent, passed_s = np.mean(curve[-REPORT_EVERY:]), time.monotonic() - started_s
                print(f"epoch {epoch} batch {number + 1}/{per_epoch} loss {recent:.4f} {passed_s:.0f} s", flush=True)
        save(model, options, curve, history)
        if dev:
            passed_s = time.monotonic() - started_s
            history.append({"epoch": epoch, "seconds": passed_s, **measure(model, weights, dev)})
            print(json.dumps(history[-1]), flush=True)
    save(model, options, curve, history)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("train", type=Path, nargs="+")
    parser.add_argument("--dev", type=Path, nargs="*", default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--from", dest="start", type=Path, help="an adapter to go on from")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=7e-4)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    weights = read_weights()
    train(prepared(options, weights), weights, options)


def save(model: CrossEncoder, options: argparse.Namespace, curve: Sequence[float], history: Sequence[Any]) -> None:
    from safetensors.torch import save_file

    tensors = {
        name: p.detach().to(torch.float16).contiguous() for name, p in model.named_parameters() if p.requires_grad
    }
    save_file(tensors, options.out / "adapter.safetensors")
    (options.out / "report.json").write_text(
        json.dumps({"options": {k: str(v) for k, v in vars(options).items()}, "history": history, "loss": curve})
    )
    draw(curve, history, options.out / "curve.png")


def draw(curve: Sequence[float], history: Sequence[Any], path: Path) -> None:
    """The loss, smoothed, and after each epoch the share of questions whose best sentence answers, by group."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4.6), layout="constrained")
    width = min(REPORT_EVERY, len(curve))
    axes.plot(np.convolve(curve, np.ones(width) / width, "valid"), color="0.5", label="loss (smoothed)")
    axes.set_xlabel("batches")
    axes.set_ylabel("loss")
    shares = axes.twinx()
    steps = [len(curve) * (number + 1) / max(1, len(history)) for number in range(len(history))]
    for group in sorted(history[0].keys() - {"epoch", "seconds"}) if history else ():
        shares.plot(steps, [row[group]["top1"] for row in history], "o-", label=f"{group}: best sentence answers")
        shares.plot(steps, [row[group]["auroc"] for row in history], "s--", label=f"{group}: AUROC answerable")
    shares.set_ylim(0, 1)
    figure.legend(loc="outside lower center", ncols=2)
    figure.savefig(path, dpi=130)
    plt.close(figure)


if __name__ == "__main__":
    main()

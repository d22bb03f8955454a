"""Comparisons a second that a model in this process judges, beside what a user would write with plain transformers.

python benchmarks/local_scoring.py [--comparisons 128] [--rounds 3] [--gpu]

Needs the extra local. The model has random weights. "Plain" is batches of 32 in the order of the log, padded, with a
mask and all logits; "plain, last logits" has only those of the last token made. All judge every comparison in both
presentation orders by the probability of the next token; prefactor's side goes through ask_all, with requests, keys,
queue and replies. The prompt is that of a judge with a rubric before the texts. With --gpu: a 7B-shaped model in
bfloat16, and the share of the chip's peak (2 operations for each weight and token computed; attention not counted).
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from prefactor.asking.calls import ask_all
from prefactor.llm.records import Message, Request, Sampling
from prefactor.llm.transformers_local import TransformersLocal

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
from models.tiny import loaded, make_model

RUBRIC = "You compare two answers to the same request and reply with a single letter. " + " ".join(
    f"Criterion {number}: {what}."
    for number, what in enumerate(
        ("it is right in every detail", "it does what was asked and no more", "it is clear and short",
         "it says what it does not know", "its form fits what was asked"), start=1
    )
)  # fmt: skip
WORDS = [line.split(maxsplit=1)[0] for line in Path(__file__).read_text(encoding="utf-8").splitlines() if line.split()]
BATCH = 32
SEVEN_B = {
    "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 32, "max_position_embeddings": 8192, "initializer_range": 0.02,
}  # fmt: skip
SMALL = {
    "hidden_size": 256,
    "intermediate_size": 688,
    "num_hidden_layers": 4,
    "initializer_range": 0.05,
    "max_position_embeddings": 8192,
}
VOCABULARY = 8_000
PEAK = {"H100": 989e12, "H200": 989e12, "A100": 312e12, "L40S": 362e12, "L4": 121e12}
"""Floating-point operations a second in bfloat16 without sparsity, by the maker's data sheets."""


def requests(model: Path, count: int) -> list[Request]:
    """Both orders of comparisons whose answers have the spread of lengths of real ones: log-normal, about 60 words."""
    draw = random.Random(0)

    def text(median: float) -> str:
        return " ".join(draw.choices(WORDS, k=min(400, 1 + int(draw.lognormvariate(0, 0.8) * median))))

    found = []
    for number in range(count):
        asked, one, two = text(15), text(60), text(60)
        for first, second in ((one, two), (two, one)):
            said = f"Request {number}:\n\n{asked}\n\nAnswer A:\n\n{first}\n\nAnswer B:\n\n{second}\n\nA or B?"
            messages = (Message("system", RUBRIC), Message("user", said))
            found.append(Request(str(model), messages, sampling=Sampling(max_tokens=1), top_logprobs=20))
    return found


def plain(network: Any, tokenizer: Any, asked: list[Request], **options: int) -> tuple[list[float], int]:
    """Log-probability of the most probable token, and tokens computed."""
    torch = loaded("torch")
    found: list[float] = []
    tokens = 0
    for start in range(0, len(asked), BATCH):
        chats = [
            [{"role": each.role, "content": each.content} for each in request.messages]
            for request in asked[start : start + BATCH]
        ]
        texts = [tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=True) for chat in chats]
        batch = tokenizer(texts, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False)
        with torch.inference_mode():
            logits = network(**batch.to(network.device), **options).logits
            found += logits[:, -1].float().log_softmax(-1).max(-1).values.tolist()
        tokens += batch["input_ids"].numel()
    return found, tokens


def run(folder: Path, count: int, rounds: int, device: str) -> None:
    torch, transformers = loaded("torch"), loaded("transformers")
    asked = requests(folder, count)
    provider = TransformersLocal(device)
    ask_all(provider, asked[:2])
    precision = getattr(torch, provider.device.precision)
    network = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=precision).to(provider.device.name).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    plain(network, tokenizer, asked[:2])
    assert provider._loaded is not None  # noqa: SLF001
    model = provider._loaded[1]  # noqa: SLF001
    seconds: dict[str, list[float]] = {"plain": [], "plain, last logits": [], "prefactor": []}
    for _ in range(rounds):
        for name, options in (("plain", {}), ("plain, last logits", {"logits_to_keep": 1})):
            began = time.perf_counter()
            values, padded = plain(network, tokenizer, asked, **options)
            seconds[name].append(time.perf_counter() - began)
        model.computed = 0
        began = time.perf_counter()
        replies = ask_all(provider, asked)
        seconds["prefactor"].append(time.perf_counter() - began)
    got = [one.reply.tokens[0].logprob for one in replies if one.reply is not None]
    apart = max(abs(a - b) for a, b in zip(values, got, strict=True))
    needed = sum(one.reply.usage.input_tokens for one in replies if one.reply is not None)
    print(f"{count} comparisons, {needed:,} tokens, {provider.device}, {torch.get_num_threads()} threads")
    print(f"log-probabilities at most {apart:.1e} apart\n")
    tokens = dict.fromkeys(seconds, padded) | {"prefactor": model.computed}
    report(seconds, count, tokens, network)


def report(seconds: dict[str, list[float]], count: int, tokens: dict[str, int], network: Any) -> None:
    """Print a table of medians; ratios are those within a round."""
    torch = loaded("torch")
    operations = 2 * sum(each.numel() for name, each in network.named_parameters() if "embed_tokens" not in name)
    chip = torch.cuda.get_device_name() if torch.cuda.is_available() and network.device.type == "cuda" else ""
    peak = next((value for name, value in PEAK.items() if name in chip), None)
    print("| what | comparisons a second | tokens computed | prefactor is faster by | share of peak |")
    print("|---|---|---|---|---|")
    for name, taken in seconds.items():
        middle = sorted(taken)[len(taken) // 2]
        ratios = sorted(its / own for its, own in zip(taken, seconds["prefactor"], strict=True))
        share = f"{tokens[name] * operations / middle / peak:.0%} of {chip}" if peak else "not known"
        print(f"| {name} | {count / middle:.2f} | {tokens[name]:,} | {ratios[len(ratios) // 2]:.1f} | {share} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--comparisons", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gpu", action="store_true")
    options = parser.parse_args()
    if options.gpu and not loaded("torch").cuda.is_available():
        print("the 7B-shaped model needs a GPU, and there is none here")
        return
    shape = SEVEN_B if options.gpu else SMALL
    with tempfile.TemporaryDirectory() as folder:
        path = make_model(Path(folder), texts=[*WORDS, RUBRIC] * 2, vocab_size=VOCABULARY, **shape)
        run(path, options.comparisons, options.rounds, "cuda" if options.gpu else "cpu")


if __name__ == "__main__":
    main()

"""A small language model taught on the spot to answer: one that writes answers of differing lengths and layouts."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.tiny import loaded, make_model

Lesson = tuple[str, str]
"""A prompt and an answer to it."""


def make_writer(
    folder: Path, lessons: Sequence[Lesson], *, steps: int, batch: int = 32, longest: int = 256, **changes: object
) -> Path:
    """Teach a model ``lessons`` and write it into ``folder``; lessons longer than ``longest`` tokens are left out."""
    torch, transformers = loaded("torch"), loaded("transformers")
    texts = [text for lesson in lessons for text in lesson]
    make_model(folder, texts=texts, initializer_range=0.03, **changes)  # type: ignore[arg-type]
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(folder)
    rows = [row for row in (_row(tokenizer, *lesson) for lesson in lessons) if len(row[0]) + len(row[1]) <= longest]
    chance = random.Random(0)
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
    for _ in range(steps):
        _step(torch, model, chance.sample(rows, min(batch, len(rows))), pad=tokenizer.pad_token_id)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()
    model.save_pretrained(folder)
    return folder


def _row(tokenizer: Any, prompt: str, answer: str) -> tuple[list[int], list[int]]:
    said = [{"role": "user", "content": prompt}]
    asked = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in (asked, f"{answer}<|end|>")]
    return ids[0], ids[1]


def _step(torch: Any, model: Any, rows: Sequence[tuple[list[int], list[int]]], *, pad: int) -> None:
    width = max(len(asked) + len(said) for asked, said in rows)
    inputs = torch.full((len(rows), width), pad)
    labels = torch.full((len(rows), width), -100)
    for place, (asked, said) in enumerate(rows):
        inputs[place, : len(asked) + len(said)] = torch.tensor(asked + said)
        labels[place, len(asked) : len(asked) + len(said)] = torch.tensor(said)
    mask = torch.arange(width)[None, :] < torch.tensor([len(asked) + len(said) for asked, said in rows])[:, None]
    model(inputs, attention_mask=mask.long(), labels=labels).loss.backward()

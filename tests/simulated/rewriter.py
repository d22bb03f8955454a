"""A log with a planted confounder, and a scripted model that rewrites and judges: what causes what is known.

The judge likes verified answers and lists, and nothing else of substance. In the log, verified answers are also longer,
so that length correlates with its preferences and causes none of them. The rewriter has a hand of its own: it begins
every answer with a word that the judge likes.
"""

import json
import random
from pathlib import Path

FILLER = "so to speak and as it were"

MODEL = """
def part(text, label):
    return text.partition(f"----- {label} begins")[2].partition("\\n")[2].partition(f"\\n----- {label} ends")[0]

FILLER = "so to speak and as it were"

def taste(answer):
    return 3 * ("verified" in answer) + 2 * any(line.startswith("- ") for line in answer.split("\\n")) + (
        "Certainly" in answer)

def rewrite(text, change):
    if "refuse me" in text:
        return "I'm sorry, but I cannot rewrite this."
    if "longer" in change:
        text = f"{text} {FILLER} {FILLER} {FILLER}"
    elif "shorter" in change:
        text = text.replace(f" {FILLER}", "")
    elif "as a list" in change:
        text = "\\n".join("- " + each for each in text.split("\\n"))
    elif "running sentences" in change:
        text = text.replace("- ", "")
    elif "exclamation mark in place" in change:
        text = text.replace(".", "!")
    elif "full stops in place" in change:
        text = text.replace("!", ".")
    if "Certainly" not in text:
        text = "Certainly.\\n" + text
    return f"Here it is:\\n<rewritten>\\n{text}\\n</rewritten>"

def answer(request):
    text = request.messages[-1].content
    if "The one thing to change" in text:
        return rewrite(part(text, "answer"), text.partition("The one thing to change: ")[2])
    first, second = taste(part(text, "answer A")), taste(part(text, "answer B"))
    return "[[A]]" if first > second else "[[B]]" if second > first else "[[tie]]"
"""


def write_model(path: Path) -> str:
    """Write the scripted model; return how it is named as a provider."""
    path.write_text(MODEL, encoding="utf-8")
    return f"scripted:{path}"


def write_confounded_log(path: Path, *, rows: int = 120, refusing: int = 0) -> Path:
    """Write a log in which the judge's preferences go with length, which they do not come from."""
    chance = random.Random(8)
    lines = []
    for number in range(rows):
        sides = []
        for side in "ab":
            verified = chance.random() < 0.5
            length = 1 + chance.randrange(3) + 3 * verified * (chance.random() < 0.9)
            text = f"Tea number {number} {side} is a drink{' that was verified' * verified}.\nIt is warm"
            text += f" {FILLER}" * length + ("!" if chance.random() < 0.1 else ".")
            sides.append(text + (" refuse me" if number < refusing else ""))
        a, b = ("verified" in text for text in sides)
        winner = "A" if a > b else "B" if b > a else "tie"
        lines.append(
            json.dumps(
                {"question": f"What is tea {number}?", "answer_a": sides[0], "answer_b": sides[1], "winner": winner}
            )
        )
    path.write_text("\n".join(lines), encoding="utf-8")
    return path

"""A Llama of two layers with random weights, a tokenizer trained on a few lines, and a head that gives a score."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

TEXTS = ("Which answer is better, A or B?", "The request and the answers stand between lines.", "Reply with a letter.")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WITHOUT_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}" + TEMPLATE


def loaded(name: str) -> Any:
    """A module of the extra, which is untyped and may not be there."""
    return import_module(name)


def make_tokenizer(folder: Path, *, template: str = TEMPLATE, texts: Sequence[str] = TEXTS) -> Any:
    """Bytes, and what pays to be joined of the texts."""
    tokenizers, transformers = loaded("tokenizers"), loaded("transformers")
    inner = tokenizers.Tokenizer(tokenizers.models.BPE())
    inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = tokenizers.decoders.ByteLevel()
    special = ["<pad>", "<s>", "<|end|>", "<|user|>", "<|assistant|>", "<|system|>"]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=320 if texts is TEXTS else 2_000,
        special_tokens=special,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    inner.train_from_iterator(texts, trainer)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token="<pad>", bos_token="<s>", eos_token="<|end|>"
    )
    tokenizer.chat_template = template or None
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_model(
    folder: Path, *, score: bool = False, template: str = TEMPLATE, texts: Sequence[str] = TEXTS, **changes: object
) -> Path:
    """Write a model into a folder and return it; the same weights every time."""
    torch, transformers = loaded("torch"), loaded("transformers")
    tokenizer = make_tokenizer(folder, template=template, texts=texts)
    settings: dict[str, Any] = {
        "vocab_size": len(tokenizer), "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 1_024, "initializer_range": 0.2,
        "pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if score:
            config = transformers.LlamaConfig(**{**settings, "num_labels": 1, **changes})
            transformers.LlamaForSequenceClassification(config).save_pretrained(folder)
        else:
            transformers.LlamaForCausalLM(transformers.LlamaConfig(**{**settings, **changes})).save_pretrained(folder)
    return folder

"""Models of two layers with random weights that read texts whole: a T5, a BART, a BERT, a RoBERTa, classifiers."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.tiny import loaded

TEXTS = (
    "question: Is this a fluent paragraph? </s> paragraph: Tea is a hot drink. It is made of leaves.",
    "question: Is this a coherent summary to the document? </s> summary: No </s> document: Yes",
    "The source says that the answer entails nothing.",
)
LABELS = ("contradiction", "neutral", "entailment")
_SIZES: dict[str, Any] = {
    "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
    "initializer_range": 0.4,
}  # fmt: skip


def _tokenizer(folder: Path, kind: str, longest: int) -> Any:
    """Bytes and pairs of them; special tokens and where they stand as each kind of model has them."""
    tokenizers, transformers = loaded("tokenizers"), loaded("transformers")
    names = {"bert": ("[PAD]", "[UNK]", "[CLS]", "[SEP]")}.get(kind, ("<pad>", "<unk>", "<s>", "</s>"))
    pad, unknown, begin, end = names
    inner = tokenizers.Tokenizer(tokenizers.models.BPE())
    inner.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = tokenizers.decoders.ByteLevel()
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    # RoBERTa's padding has the number 1, which its positions begin behind.
    special = [begin, pad, end, unknown] if kind == "roberta" else [pad, unknown, begin, end]
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=400, special_tokens=[*special, "Yes", "No"], initial_alphabet=alphabet, show_progress=False
    )
    inner.train_from_iterator(TEXTS, trainer)
    tokens = [(name, inner.token_to_id(name)) for name in (begin, end)]
    single, pair = {
        "t5": (f"$A {end}", f"$A {end} $B {end}"),
        "bert": (f"{begin} $A {end}", f"{begin} $A {end} $B:1 {end}:1"),
    }.get(kind, (f"{begin} $A {end}", f"{begin} $A {end} {end} $B {end}"))
    template = tokenizers.processors.TemplateProcessing(single=single, pair=pair, special_tokens=tokens)
    inner.post_processor = template
    inputs = ["input_ids", "attention_mask", *(["token_type_ids"] if kind == "bert" else [])]
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, pad_token=pad, unk_token=unknown, bos_token=begin, eos_token=end,
        model_max_length=longest, model_input_names=inputs,
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_reader(folder: Path, kind: str, *, head: str = "", longest: int = 512, labels: Sequence[str] = LABELS) -> Path:
    """Write a model (t5, bart, bert or roberta) into a folder and return it; the same weights every time."""
    torch, transformers = loaded("torch"), loaded("transformers")
    tokenizer = _tokenizer(folder, kind, longest if kind != "roberta" else 1 << 40)
    common = {
        "vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id, "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
    }  # fmt: skip
    names = {"id2label": dict(enumerate(labels)), "label2id": {name: place for place, name in enumerate(labels)}}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if kind == "t5":
            config = transformers.T5Config(
                **common, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4, initializer_factor=4.0,
                decoder_start_token_id=tokenizer.pad_token_id,
            )  # fmt: skip
            model = transformers.T5ForConditionalGeneration(config)
        elif kind == "bart":
            config = transformers.BartConfig(
                **common, d_model=32, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=64, decoder_ffn_dim=64,
                encoder_attention_heads=4, decoder_attention_heads=4, max_position_embeddings=longest, init_std=0.4,
                decoder_start_token_id=tokenizer.eos_token_id,
            )  # fmt: skip
            model = transformers.BartForConditionalGeneration(config)
        else:
            name = {"bert": "Bert", "roberta": "Roberta"}[kind]
            extra = longest + tokenizer.pad_token_id + 1 if kind == "roberta" else longest
            config = getattr(transformers, f"{name}Config")(
                **common, **_SIZES, **(names if head else {}), max_position_embeddings=extra
            )
            model = getattr(transformers, f"{name}ForSequenceClassification" if head else f"{name}Model")(config)
        model.save_pretrained(folder)
    return folder

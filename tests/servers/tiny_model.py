"""A Llama model of 100,000 weights, made and taught on the spot: as transformers run it, and as a file for llama.cpp.

Taught just long enough to answer with the letter A or B, so that both are among the most probable next tokens.
"""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import gguf
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

END = "<|end|>"
SPECIAL = (END, "<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LESSONS = (
    "Which answer is better, A or B?",
    "Is it A or B?",
    "You are a judge. Reply with A or B only.",
    "The question is about the weather in Paris.",
    "Answer A is longer than answer B, and it is wrong.",
    "Which answer is better, A or B? Answer A: it's 4 °C in Rome. Answer B: it snows.",
    "Question 12: which of the two is better, answer A or answer B?",
)
CONTEXT = 2_048
LAYERS, WIDTH, HEADS, KEY_HEADS = 2, 64, 4, 2
STEPS = 50


@dataclass(frozen=True)
class TinyModel:
    """The model and what it says, computed by transformers: the oracle for a server that has the same weights."""

    tokenizer: PreTrainedTokenizerFast
    model: LlamaForCausalLM

    def chat_prompt(self, text: str) -> str:
        """Return what the model reads when a user has said ``text``."""
        return chat_prompt(self.tokenizer, text)

    def count(self, text: str) -> int:
        """Return the number of tokens of ``text``."""
        return len(self.tokenizer.encode(text, add_special_tokens=False))

    def next_logprobs(self, prompt: str) -> torch.Tensor:
        """Return the log-probability of every token after ``prompt``, shape (vocabulary,)."""
        return self._logprobs(self.tokenizer.encode(prompt, add_special_tokens=False))

    def logprob(self, token: str, prompt: str) -> float:
        """Return the log-probability of ``token`` after ``prompt``."""
        (place,) = self.tokenizer.encode(token, add_special_tokens=False)
        return float(self.next_logprobs(prompt)[place])

    def continued(self, prompt: str, most: int) -> str:
        """Return the most probable tokens after ``prompt``, until the end or ``most`` of them."""
        read = self.tokenizer.encode(prompt, add_special_tokens=False)
        said: list[int] = []
        while len(said) < most:
            token = int(self._logprobs([*read, *said]).argmax())
            if token == self.tokenizer.eos_token_id:
                break
            said.append(token)
        return str(self.tokenizer.decode(said))

    def _logprobs(self, tokens: Sequence[int]) -> torch.Tensor:
        with torch.inference_mode():
            return self.model(torch.tensor([list(tokens)])).logits[0, -1].log_softmax(-1)

    @cached_property
    def vocabulary(self) -> list[str]:
        """The tokens as the tokenizer writes them, in order."""
        places = self.tokenizer.get_vocab()
        return sorted(places, key=places.__getitem__)


def chat_prompt(tokenizer: PreTrainedTokenizerFast, text: str) -> str:
    """Return what a model reads when a user has said ``text``."""
    said = [{"role": "user", "content": text}]
    return str(tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True))


def make_tiny_model() -> TinyModel:
    """Make the model and teach it."""
    tokenizer = _tokenizer()
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_HEADS,
        max_position_embeddings=CONTEXT,
        initializer_range=0.05,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=False,
    )
    model = LlamaForCausalLM(config).float()
    _teach(model, tokenizer)
    return TinyModel(tokenizer, model.eval())


def _tokenizer() -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=list(SPECIAL), initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(LESSONS * 2, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=END, chat_template=TEMPLATE)


def _teach(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Teach it to answer A or B in a chat, and to go on with one of the two after a text that asks for it."""
    lessons = [
        (prompt, answer + END)
        for text, letter in zip(LESSONS, itertools.cycle("AB"), strict=False)
        for prompt, answer in ((chat_prompt(tokenizer, text), letter), (f"{text} The better one is", f" {letter}"))
    ]
    pairs = [tuple(tokenizer.encode(part, add_special_tokens=False) for part in lesson) for lesson in lessons]
    longest = max(len(read) + len(said) for read, said in pairs)
    inputs = torch.zeros((len(pairs), longest), dtype=torch.long)
    labels = torch.full_like(inputs, -100)
    for row, (read, said) in enumerate(pairs):
        inputs[row, : len(read) + len(said)] = torch.tensor(read + said)
        labels[row, len(read) : len(read) + len(said)] = torch.tensor(said)
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(STEPS):
        model(inputs, labels=labels).loss.backward()
        optimiser.step()
        optimiser.zero_grad()


def write_gguf(tiny: TinyModel, path: Path, *, context: int = CONTEXT) -> None:
    """Write the model as llama.cpp reads it, every weight in 32 bits, for sequences of ``context`` tokens."""
    writer = gguf.GGUFWriter(path, "llama")
    config = tiny.model.config
    writer.add_context_length(context)
    writer.add_vocab_size(config.vocab_size)
    writer.add_block_count(LAYERS)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    _add_tokenizer(writer, tiny)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, LAYERS)
    for name, weights in tiny.model.state_dict().items():
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), _rotated(name, weights.numpy()))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, tiny: TinyModel) -> None:
    kinds = gguf.TokenType
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tiny.vocabulary)
    writer.add_token_types([kinds.CONTROL if token in SPECIAL else kinds.NORMAL for token in tiny.vocabulary])
    merges = json.loads(tiny.tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(merge) for merge in merges])
    writer.add_eos_token_id(tiny.tokenizer.eos_token_id)
    writer.add_add_bos_token(False)
    writer.add_chat_template(TEMPLATE)


def _rotated(name: str, weights: Any) -> Any:  # NumPy arrays of any shape
    """Bring queries and keys into llama.cpp's order: it rotates neighbours, transformers the two halves of a head."""
    heads = HEADS if ".q_proj." in name else KEY_HEADS if ".k_proj." in name else 0
    if not heads:
        return weights
    rows, columns = weights.shape
    return weights.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns)

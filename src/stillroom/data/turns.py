"""How a tokenizer writes a question, and how it ends an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from stillroom.types import DataError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

CHAT_ML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
GEMMA = (
    "{{ '<bos>' }}{% for message in messages %}"
    "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else message['role']) + '\n'"
    " + message['content'] + '<end_of_turn>' + '\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
_MARKS = {"<|im_end|>": CHAT_ML, "<end_of_turn>": GEMMA}
_QUESTION, _ANSWER = "Question", "Answer"


@dataclass(frozen=True, slots=True)
class Turns:
    """The marks of a conversation in one vocabulary.

    Attributes:
        template: Jinja template of a conversation.
        end: the token that ends an answer.
    """

    template: str
    end: int

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerFast) -> Self:
        """Find a tokenizer's marks: those of ChatML or Gemma where they are special tokens, else its own template's.

        Raises:
            DataError: it has neither, or nothing special ends an answer.
        """
        special = {
            token.content: number for number, token in tokenizer.added_tokens_decoder.items() if token.special
        }
        for mark, template in _MARKS.items():
            if mark in special:
                return cls(template, special[mark])
        if not tokenizer.chat_template:
            raise DataError(
                f"the tokenizer of {len(tokenizer):,} tokens has no chat template",
                "a template, or the turn marks of ChatML or Gemma among its special tokens",
                "choose an instruction-tuned model, or save its tokenizer with a chat template",
            )
        return cls(tokenizer.chat_template, _end(tokenizer, tokenizer.chat_template, set(special.values())))

    def render(self, prompts: Sequence[str], tokenizer: PreTrainedTokenizerFast) -> list[str]:
        """Each prompt as a user's turn, followed by the start of the answer."""
        turns = [[{"role": "user", "content": prompt}] for prompt in prompts]
        rendered: list[str] = tokenizer.apply_chat_template(
            turns, chat_template=self.template, add_generation_prompt=True, tokenize=False
        )
        return rendered


def _end(tokenizer: PreTrainedTokenizerFast, template: str, special: set[int]) -> int:
    """The first special token after an answer."""
    turns = [{"role": "user", "content": _QUESTION}, {"role": "assistant", "content": _ANSWER}]
    text: str = tokenizer.apply_chat_template(turns, chat_template=template, tokenize=False)
    after: list[int] = tokenizer(text.rpartition(_ANSWER)[2], add_special_tokens=False)["input_ids"]
    found = [number for number in after if number in special]
    if not found:
        raise DataError(
            "no special token ends an answer in the chat template",
            "an end-of-turn or end-of-text token after the assistant's words",
            "correct the tokenizer's chat template, or the model would never stop",
        )
    return found[0]

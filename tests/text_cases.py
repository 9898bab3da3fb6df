"""A made encoder of the BERT family on disk, and short texts whose words tell the class."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from stillroom.data.bedside.mts_dialog import SECTIONS

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "heart", "skin", "pain", "the", "of", "old", "new", "a", "pills")
SMALL = {"width": 16, "heads": 2, "layers": 2}


def write_encoder(folder: Path) -> Path:
    """Write an encoder of two layers with random weights, and its tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.add_special_tokens(list(WORDS[:4]))
    tokenizer.save(str(folder / "tokenizer.json"))
    torch.manual_seed(0)
    BertModel(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=SMALL["width"],
            num_hidden_layers=SMALL["layers"],
            num_attention_heads=SMALL["heads"],
            intermediate_size=32,
            max_position_embeddings=24,
        )
    ).save_pretrained(folder)
    return folder


def write_dialogues(folder: Path) -> Path:
    """Write conversations in the form of MTS-Dialog: of the heart or of the skin, with a copy and a contradiction."""
    folder.mkdir(parents=True, exist_ok=True)
    fill = ("the", "of", "old", "new", "a")
    for split, number in (("train", 60), ("val", 20), ("test1", 20), ("test2", 20)):
        rows = []
        for at in range(number):
            place = at + {"train": 0, "val": 60, "test1": 80, "test2": 100}[split]
            digits = [fill[place // 5**power % 5] for power in range(3)]
            told = ("heart pain", "ROS") if at % 2 else ("skin pills", "EXAM")
            rows.append(_row(f"{split}-{at}", f"{told[0]} {' '.join(digits)}", told[1]))
        if split == "train":
            rows += [
                _row("twice", "Heart  pain PILLS", "ROS"),
                _row("twice-2", "heart pain pills", "ROS"),
            ]
            rows += [
                _row("one", "pain pain", "ROS"),
                _row("other", "pain pain", "EXAM"),
                _row("none", " ", "EXAM"),
            ]
        if split == "val":  # of each other section one, as a temperature is fitted to all
            others = [section for section in SECTIONS if section not in {"ROS", "EXAM"}]
            rows += [
                _row(f"other-{at}", f"pain of {fill[at // 5]} {fill[at % 5]}", name)
                for at, name in enumerate(others)
            ]
        text = "\n".join(map(json.dumps, rows))
        (folder / f"{split}.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return folder


def _row(name: str, text: str, section: str) -> dict[str, str]:
    return {"id": name, "dialogue": text, "section_header": section}


def write_tagged(folder: Path) -> Path:
    """Write sentences in the form of CoNLL: ``heart pain`` is a disease; one training sentence is a test sentence."""
    folder.mkdir(parents=True, exist_ok=True)
    fill = ("of", "old", "new", "a", "pills")
    for name, first, number in (("train", 0, 60), ("dev", 60, 25), ("test", 85, 25)):
        blocks = []
        for place in range(first, first + number):
            words = ["the", *(["heart", "pain"] if place % 3 else ["pain"])]
            words += [fill[place // 5**power % 5] for power in range(2)] + ["skin"] * (place // 25)
            blocks.append("\n".join(f"{word}\t{tag}" for word, tag in zip(words, _tags(words), strict=True)))
        if name == "train":
            blocks += ["\n".join(f"{w}\t{t}" for w, t in zip(TESTED, _tags(TESTED), strict=True))]
        if name == "test":
            blocks[0] = "\n".join(f"{w}\t{t}" for w, t in zip(TESTED, _tags(TESTED), strict=True))
        (folder / f"{name}.conll.gz").write_bytes(gzip.compress("\n\n".join(blocks).encode()))
    return folder


TESTED = ["the", "heart", "pain", "of", "old", "a"]


def _tags(words: list[str]) -> list[str]:
    tags = ["O"] * len(words)
    for at in range(len(words) - 1):
        if words[at : at + 2] == ["heart", "pain"]:
            tags[at : at + 2] = ["B-Disease", "I-Disease"]
    return tags


def write_unlabelled(folder: Path) -> Path:
    """Write texts of two or more sentences, one of which is too short."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [
        "The new heart pain of old. Of skin.",
        "A new pain of the skin. The old heart pain, of old pills.",
    ]
    lines = "\n".join(json.dumps({"text": text}) for text in texts)
    (folder / "more.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


def write_tabular(folder: Path) -> Path:
    """Write a tabular list of ICD-10-CM of two chapters: of the heart and of the skin; one title is of both."""
    folder.mkdir(parents=True, exist_ok=True)
    fill = ("the", "of", "old", "new", "a")
    chapters = []
    for number, (letter, word) in enumerate((("A", "heart"), ("B", "skin")), 1):
        entries = []
        for at in range(100):
            digits = " ".join(fill[at // 5**power % 5] for power in range(3))
            title = "pills pills" if at == 7 else f"{word} {digits}"
            entries.append(
                f"<diag><name>{letter}{at:02d}</name><desc>{title}</desc><diag><name>{letter}{at:02d}.1</name>"
                f"<desc>{word} pills {digits}</desc><inclusionTerm><note>pain {word} {digits}</note></inclusionTerm>"
                "</diag></diag>"
            )
        section = f'<section id="{letter}00-{letter}09"><desc>{word}</desc>{"".join(entries)}</section>'
        chapters.append(f"<chapter><name>{number}</name><desc>{word}</desc>{section}</chapter>")
    (folder / "icd10cm_tabular_made.xml").write_text(
        f"<ICD10CM.tabular>{''.join(chapters)}</ICD10CM.tabular>"
    )
    return folder

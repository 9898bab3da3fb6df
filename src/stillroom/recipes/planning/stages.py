"""What each stage of a run does and holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stillroom.export.settings import PARITY_ROWS
from stillroom.models.architectures import Architecture
from stillroom.recipes.planning.hardware import Hardware
from stillroom.recipes.planning.memory import (
    DEVICE_CONTEXT,
    LIBRARIES,
    Parts,
    bytes_per_token,
    reading_parts,
    signal_parts,
    trained_weights,
    training_parts,
    wants_dense,
)
from stillroom.recipes.planning.passes import inference_bytes
from stillroom.recipes.planning.subjects import Subjects
from stillroom.recipes.planning.weights import FLOAT32, weight_bytes
from stillroom.recipes.planning.work import Work, reading, training
from stillroom.recipes.planning.workload import OPTIONS, Row, Rows, sample, step_load
from stillroom.recipes.schema import Recipe
from stillroom.train.settings import TrainSettings
from stillroom.validate.efficiency.settings import (
    THROUGHPUT_BATCHES,
    THROUGHPUT_REPEATS,
    EfficiencySettings,
)

_START_SECONDS = 6.0
_PREPARE_SECONDS = 10.0
_TEMPERATURES = 23
_DECODING_ROWS = 16
_MEMORY_PROBES = 2
_LAYER_SECONDS = 8e-4
"""Beside reading its weights, what a layer takes for one token in PyTorch: measured."""
_RUNTIME_BYTES = 600_000_000
_ROUNDING_SECONDS = 2.5e-7
_SUBJECTS_CUT = 3
TRAINING = frozenset({"teach", "control", "student"})
_ON_DEVICES = TRAINING | {"signals"}
_ALLOCATOR_SHARE = 0.2
"""What a processor's heap holds beyond the tensors while blocks of many sizes come and go: measured."""


@dataclass(frozen=True, slots=True)
class Need:
    """A stage: memory by part, work, what it leaves on the disk, and its number format."""

    name: str
    host: Parts
    device: Parts
    work: Work
    disk_bytes: int
    half: bool


@dataclass(frozen=True, slots=True)
class _Case:
    recipe: Recipe
    who: Subjects
    hardware: Hardware
    rows: Rows

    def half(self, settings: TrainSettings) -> bool:
        if settings.precision == "auto":
            return self.hardware.computes_bfloat16
        return settings.precision == "bfloat16"

    @property
    def mapped(self) -> int:
        if not self.recipe.objective.has_hidden_term:
            return 0
        mix = self.recipe.objective.layer_mix
        if mix is None:
            return self.who.student_shape.layers
        return self.teacher.layers if mix == "all" else len(mix)

    @property
    def teacher(self) -> Architecture:
        return self.who.teacher.architecture

    @property
    def longest(self) -> int:
        return max(tokens for rows in (self.rows.train, self.rows.validation) for tokens, _ in rows)

    def teaching(self) -> Parts:
        """Weights of a teacher that only teaches; offloaded, two layers at a time are where it computes."""
        held = weight_bytes(self.teacher, self.who.teacher_format)
        if self.hardware.devices and self.recipe.teacher.offload:
            held = round(held * 2 / self.teacher.layers) + 2 * self.teacher.output_weights
        return {"teacher": held}

    def need(self, name: str, parts: Parts, work: Work, *, disk: int = 0) -> Need:
        """Put the memory where the work is done."""
        work = work + Work(fixed_seconds=_START_SECONDS)
        half = self.half((self.recipe.teach if name == "teach" else None) or self.recipe.train)
        if self.hardware.devices and name in _ON_DEVICES:
            loaded = {part: size for part, size in parts.items() if part in ("weights", "teacher", "shard")}
            host = {"libraries": LIBRARIES, **loaded}
            if self.recipe.teacher.offload and "teacher" in host:
                host["teacher"] = weight_bytes(self.teacher, self.who.teacher_format)
            device = {part: size for part, size in parts.items() if part != "shard"}
            return Need(name, host, {"context": DEVICE_CONTEXT, **device}, work, disk, half)
        if name in TRAINING:
            parts = {**parts, "allocator": round(_ALLOCATOR_SHARE * sum(parts.values()))}
        return Need(name, {"libraries": LIBRARIES, **parts}, {}, work, disk, half)


def needs(recipe: Recipe, who: Subjects, hardware: Hardware, rows: Rows) -> Iterator[Need]:
    """List what every stage needs, in the order of a run."""
    case = _Case(recipe, who, hardware, rows)
    yield Need("prepare", {"libraries": LIBRARIES}, {}, Work(fixed_seconds=_PREPARE_SECONDS), 0, False)
    yield _teach(case)
    yield _gate(case)
    yield _signals(case)
    yield _learn(case, "control")
    yield _learn(case, "student")
    yield _export(case)
    yield _validate(case)


def _teach(case: _Case) -> Need:
    model, settings, validation = case.teacher, case.recipe.teach, case.rows.validation
    responses = sum(row[1] for row in validation)
    temperatures = Work(traffic_bytes=2.0 * FLOAT32 * _TEMPERATURES * responses * model.vocab)
    work = reading(model, validation) + temperatures
    if settings is None:
        return case.need("teach", {**case.teaching(), **_reading(case, model, validation)}, work)
    load = step_load(case.rows.train, settings, case.recipe.seed)
    half = case.half(settings)
    parts = training_parts(model, settings, load, half=half, ranks=max(1, case.hardware.devices))
    weights = trained_weights(model, settings)
    work = work + training(model, load, settings, validation, trained_weights=weights)
    return case.need("teach", parts, work, disk=weight_bytes(model, "float32"))


def _gate(case: _Case) -> Need:
    rows = sample(case.rows.validation, case.recipe.evaluate.token_items)
    student = case.who.student_shape
    weights = {"weights": weight_bytes(student, "float32")}
    parts = {**case.teaching(), **weights, **_reading(case, case.teacher, rows)}
    return case.need("gate", parts, reading(case.teacher, rows) + reading(student, rows))


def _reading(case: _Case, model: Architecture, rows: Sequence[Row]) -> Parts:
    return reading_parts(model, case.longest, responses=max(row[1] for row in rows))


def _signals(case: _Case) -> Need:
    rows = case.rows.train
    settings = case.recipe.signals
    if settings.source == "live":
        return case.need("signals", case.teaching(), Work())
    per_token = bytes_per_token(case.teacher, settings, case.mapped)
    responses = sum(row[1] for row in rows)
    all_rows = (case.rows.train_items + len(case.rows.validation)) / len(rows)
    recorded = round(responses * all_rows)
    parts = signal_parts(case.teacher, settings, case.mapped, case.longest, responses=recorded)
    work = reading(case.teacher, rows)
    if settings.any_temperature:  # no logits are computed
        work = Work(forward_flops=work.forward_flops - 2 * case.teacher.output_weights * responses)
    disk = round(per_token * recorded)
    return case.need("signals", {**case.teaching(), **parts}, work.times(all_rows), disk=disk)


def _learn(case: _Case, name: str) -> Need:
    model, settings = case.who.student_shape, case.recipe.train
    load = step_load(case.rows.train, settings, case.recipe.seed)
    taught = name == "student"
    dense = case.teacher if taught and wants_dense(case.recipe) else None
    parts = training_parts(
        model,
        settings,
        load,
        half=case.half(settings),
        ranks=max(1, case.hardware.devices),
        dense_teacher=dense,
        mapped_layers=case.mapped if taught else 0,
    )
    live = taught and case.recipe.signals.source == "live"
    if live:
        asked = inference_bytes(case.teacher, load.pass_tokens, keeps_states=case.mapped > 0)
        parts = {**parts, **case.teaching(), "teacher's activations": asked}
    work = training(
        model,
        load,
        settings,
        case.rows.validation,
        trained_weights=trained_weights(model, settings),
        teacher_outputs=dense.output_weights if dense else 0,
    )
    if live:
        work = work + Work(forward_flops=2.0 * case.teacher.linear_weights * load.tokens).times(
            settings.steps
        )
    return case.need(name, parts, work, disk=weight_bytes(model, "float32"))


def _export(case: _Case) -> Need:
    model, export = case.who.student_shape, case.recipe.export
    calibration = sample(case.rows.train, export.calibration_items) if export.calibration_items else ()
    rounding = Work(fixed_seconds=_ROUNDING_SECONDS * model.parameters * len(export.quantisations))
    parts = {"weights": 2 * FLOAT32 * model.parameters, "runtime": _RUNTIME_BYTES}
    disk = sum(weight_bytes(model, "q4_1" if name == "q4_1" else "int8") for name in export.quantisations)
    return case.need("export", parts, reading(model, calibration) + rounding, disk=disk)


def _validate(case: _Case) -> Need:
    student, settings = case.who.student_shape, case.recipe.evaluate
    items = sample(case.rows.test, settings.token_items)
    options = sample(case.rows.options, OPTIONS * settings.choice_items) if settings.choice_items else ()
    rows, shared = (*items, *options), (*items, *map(_with_others, options))
    weights = {"weights": _SUBJECTS_CUT * weight_bytes(student, "float32"), "runtime": _RUNTIME_BYTES}
    parts = {**case.teaching(), **weights, **_reading(case, case.teacher, rows)}
    work = Work(fixed_seconds=_START_SECONDS * _MEMORY_PROBES)
    for model in (case.teacher, *[student] * _SUBJECTS_CUT):
        work = work + reading(model, shared) + _writing(model, case.recipe, rows)
    work = work + reading(student, rows) + _writing(student, case.recipe, rows)  # in the bundle's runtime
    for model in (case.teacher, student, student):
        work = work + _timing(model, settings.efficiency)
    compared = reading(student, sample(rows, PARITY_ROWS))
    work = work + compared.times(2 * len(case.recipe.export.quantisations))
    return case.need("validate", parts, work)


def _with_others(option: Row) -> Row:
    """An option whose prompt is read once for all of an item's options: its share of the tokens."""
    tokens, answer = option
    return (tokens - answer) // OPTIONS + answer, answer


def _writing(model: Architecture, recipe: Recipe, rows: tuple[Row, ...]) -> Work:
    """Answer freely, batch by batch."""
    settings = recipe.evaluate
    items, batches = settings.generation_items, -(-settings.generation_items // _DECODING_ROWS)
    new = _decoding(model, items * settings.max_new_tokens, batches * settings.max_new_tokens)
    return reading(model, [*sample(rows, items)]) + new


def _timing(model: Architecture, settings: EfficiencySettings) -> Work:
    """Answer the same prompt again and again, alone and, where throughput is asked for, several at once."""
    answers = settings.repeats + 1
    prompts, steps = answers, answers
    if settings.throughput:
        rounds = THROUGHPUT_REPEATS + 1
        prompts += rounds * sum(THROUGHPUT_BATCHES)
        steps += rounds * len(THROUGHPUT_BATCHES)
    new = _decoding(model, prompts * settings.new_tokens, steps * settings.new_tokens)
    return reading(model, [(settings.prompt_tokens, 1)] * prompts) + new


def _decoding(model: Architecture, tokens: int, steps: int) -> Work:
    """Write so many tokens in so many steps: each step reads all weights."""
    return Work(
        forward_flops=2.0 * model.parameters * tokens,
        traffic_bytes=float(FLOAT32 * model.parameters * steps),
        fixed_seconds=_LAYER_SECONDS * model.layers * steps,
    )

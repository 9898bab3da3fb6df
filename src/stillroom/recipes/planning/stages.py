"""What each stage of a run does and holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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
from stillroom.recipes.planning.workload import Row, Rows, sample, step_load
from stillroom.recipes.schema import Recipe
from stillroom.train.settings import TrainSettings

_START_SECONDS = 6.0
_PREPARE_SECONDS = 10.0
_TEMPERATURES = 23
_DECODING_ROWS, _SPEED_TOKENS, _SPEED_PROMPT, _SPEED_REPEATS = 16, 32, 256, 6
_RUNTIME_BYTES = 600_000_000
_ROUNDING_SECONDS = 2.5e-7
_SUBJECTS_CUT = 3
_ON_DEVICES = frozenset({"teach", "signals", "control", "student"})


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
        return self.who.student_shape.layers if self.recipe.objective.has_hidden_term else 0

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
    model, settings = case.teacher, case.recipe.teach
    if settings is None:
        return _calibrate(case)
    load = step_load(case.rows.train, settings, case.recipe.seed)
    parts = training_parts(
        model, settings, load, half=case.half(settings), ranks=max(1, case.hardware.devices)
    )
    validation = case.rows.validation
    work = training(model, load, settings, validation, trained_weights=trained_weights(model, settings))
    return case.need("teach", parts, work + _calibration(case), disk=weight_bytes(model, "float32"))


def _calibrate(case: _Case) -> Need:
    """A teacher that is used as it is: it reads the validation rows, held as it teaches, and is not kept."""
    responses = max(row[1] for row in case.rows.validation)
    parts = reading_parts(case.teacher, case.teaching()["teacher"], case.longest, responses=responses)
    return case.need("teach", parts, _calibration(case))


def _calibration(case: _Case) -> Work:
    rows, vocab = case.rows.validation, case.teacher.vocab
    temperatures = 2.0 * FLOAT32 * _TEMPERATURES * sum(row[1] for row in rows) * vocab
    return reading(case.teacher, rows) + Work(traffic_bytes=temperatures)


def _gate(case: _Case) -> Need:
    rows = sample(case.rows.validation, case.recipe.evaluate.token_items)
    weights = FLOAT32 * (case.teacher.parameters + case.who.student_shape.parameters)
    parts = reading_parts(case.teacher, weights, case.longest, responses=max(row[1] for row in rows))
    return case.need("gate", parts, reading(case.teacher, rows) + reading(case.who.student_shape, rows))


def _signals(case: _Case) -> Need:
    rows = (*case.rows.train, *case.rows.validation)
    settings = case.recipe.signals
    if settings.source == "live":
        return case.need("signals", case.teaching(), Work())
    parts = signal_parts(case.teacher, settings, case.mapped, case.longest)
    per_token = bytes_per_token(case.teacher, settings, case.mapped)
    responses = sum(row[1] for row in rows)
    work = reading(case.teacher, rows)
    if settings.any_temperature:  # no logits are computed
        work = Work(forward_flops=work.forward_flops - 2 * case.teacher.output_weights * responses)
    return case.need("signals", {**case.teaching(), **parts}, work, disk=round(per_token * responses))


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
    rows = (
        *sample(case.rows.test, settings.token_items),
        *(sample(case.rows.options, 4 * settings.choice_items) if settings.choice_items else ()),
    )
    models = (case.teacher, *[student] * (_SUBJECTS_CUT + 1))
    weights = FLOAT32 * (case.teacher.parameters + _SUBJECTS_CUT * student.parameters)
    parts = {
        **reading_parts(case.teacher, weights, case.longest, responses=max(row[1] for row in rows)),
        "runtime": _RUNTIME_BYTES,
    }
    work = Work()
    for model in models:
        work = work + reading(model, rows) + _writing(model, case.recipe, rows)
    return case.need("validate", parts, work)


def _writing(model: Architecture, recipe: Recipe, rows: tuple[Row, ...]) -> Work:
    """Answer freely, batch by batch, and take the speeds: each new token reads all weights."""
    settings = recipe.evaluate
    batches = -(-settings.generation_items // _DECODING_ROWS)
    tokens = batches * settings.max_new_tokens + _SPEED_REPEATS * _SPEED_TOKENS
    prompt = [(_SPEED_PROMPT, 1)] * _SPEED_REPEATS + [*sample(rows, settings.generation_items)]
    decoded = settings.generation_items * settings.max_new_tokens
    new = Work(
        forward_flops=2.0 * model.parameters * decoded,
        traffic_bytes=float(FLOAT32 * model.parameters * tokens),
    )
    return reading(model, prompt) + new

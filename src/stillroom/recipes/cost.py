"""What an answer of teacher, student and bundle costs: time, operations, memory, energy, carbon; and the break-even."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from stillroom.export import Bundle, Speed, TorchDecoder, measure_speed, measure_throughput, peak_memory_bytes
from stillroom.export.speed import BatchDecoder, Decoder
from stillroom.models import LanguageModel
from stillroom.models.architectures import Architecture
from stillroom.types import Encoded, Metric, ModelError, Subject
from stillroom.types.cores import cores
from stillroom.validate import METRICS, exact, median
from stillroom.validate.efficiency.break_even import break_even, grams_of_carbon
from stillroom.validate.efficiency.energy import Energy, estimated_joules, metered
from stillroom.validate.efficiency.figures import between, quantile
from stillroom.validate.efficiency.flops import forward_flops
from stillroom.validate.efficiency.settings import (
    THROUGHPUT_BATCHES,
    THROUGHPUT_REPEATS,
    EfficiencySettings,
)

_LEAST_REPEATS = {0.95: 20, 0.99: 100}


class _Both(Decoder, BatchDecoder, Protocol):
    """Answers one prompt, or several at once."""


def measure_cost(
    models: Mapping[Subject, LanguageModel],
    bundle: Bundle,
    rows: Sequence[Encoded],
    settings: EfficiencySettings,
    making_seconds: Mapping[Subject, float],
) -> tuple[list[Metric], dict[str, str | int | float]]:
    """Time teacher and student in PyTorch and the bundle in its runtime, at the same prompt.

    The energy of making is an estimate: its stages' time on all cores at full load, so the break-even is told too late
    rather than too early.

    Args:
        models: teacher and student among them.
        bundle: the exported student.
        rows: where the prompt is taken from.
        settings: the answer, and what energy costs.
        making_seconds: how long teacher and student took to make.

    Returns:
        Metrics, and facts on how energy was found and what carbon was reckoned with.
    """
    decoders: dict[Subject, _Both] = {
        "teacher": TorchDecoder(models["teacher"].network),
        "student": TorchDecoder(models["student"].network),
        "bundle": bundle.predictor(),
    }
    prompt = [int(token) for row in rows for token in row.ids][: settings.prompt_tokens]
    known = models["teacher"].network.config.vocab_size  # a teacher of fewer tokens is timed on others
    metrics, sources = list(_operations(models, len(prompt))), set()
    for subject, decoder in decoders.items():
        ids = [token % known for token in prompt] if subject == "teacher" else prompt
        found, energy = _answers(subject, decoder, ids, settings)
        metrics += found
        sources.add(energy.source)
    metrics += _memory(bundle, prompt, settings.new_tokens)
    metrics += _made(making_seconds, {m.subject: m for m in metrics if m.name == "answer_joules"}, settings)
    facts = {
        **_facts(settings, sources, len(prompt)),
        "energy_of_making": "estimated: all cores at full load",
    }
    return metrics, facts


def measure_bundle_cost(
    bundle: Bundle, rows: Sequence[Encoded], settings: EfficiencySettings
) -> tuple[list[Metric], dict[str, str | int | float]]:
    """Time a bundle alone, as :func:`measure_cost` does beside its teacher: metrics, and facts on how."""
    predictor = bundle.predictor()
    prompt = [int(token) for row in rows for token in row.ids][: settings.prompt_tokens]
    metrics, energy = _answers("bundle", predictor, prompt, settings)
    memory = peak_memory_bytes(bundle.path, bundle.manifest.default, prompt, settings.new_tokens)
    facts = _facts(settings, {energy.source}, len(prompt))
    return [*metrics, exact("peak_memory_bytes", "bundle", memory)], facts


def _facts(settings: EfficiencySettings, sources: Collection[str], read: int) -> dict[str, str | int | float]:
    return {
        "energy": "the processor alone, " + " and ".join(sorted(sources)),
        "carbon_g_per_kwh": settings.grid_grams_per_kwh,
        "carbon_source": settings.grid_source,
        "answer": f"{read} tokens read, {settings.new_tokens} written",
    }


def _answers(
    subject: Subject, decoder: _Both, prompt: Sequence[int], settings: EfficiencySettings
) -> tuple[list[Metric], Energy]:
    """Times and energy of answers; energy is shared among the repeats by their time."""
    speed, energy = metered(
        lambda: measure_speed(decoder, prompt, decode_tokens=settings.new_tokens, repeats=settings.repeats),
        processor_watts=settings.processor_watts,
    )
    watts = energy.joules / energy.seconds
    seconds = [
        read / 1000 + settings.new_tokens / rate
        for read, rate in zip(speed.prefill_ms, speed.decode_tokens_per_second, strict=True)
    ]
    joules = [watts * time for time in seconds]
    carbon = [1000 * grams_of_carbon(each, settings.grid_grams_per_kwh) for each in joules]
    metrics = [
        *_times(subject, speed),
        *_quantiles("latency_ms", subject, [1000 * time for time in seconds]),
        median("answer_joules", subject, joules),
        median("answer_co2_mg", subject, carbon),
    ]
    if settings.throughput:
        for batch in THROUGHPUT_BATCHES:
            rates = measure_throughput(
                decoder, prompt, batch=batch, decode_tokens=settings.new_tokens, repeats=THROUGHPUT_REPEATS
            )
            metrics.append(median(f"throughput_batch{batch}", subject, rates))
    return metrics, energy


def _times(subject: Subject, speed: Speed) -> Iterator[Metric]:
    yield median("decode_tokens_per_second", subject, speed.decode_tokens_per_second)
    for name, times in (("prefill_ms", speed.prefill_ms), ("token_ms", speed.token_ms)):
        yield from _quantiles(name, subject, times)


def _quantiles(name: str, subject: Subject, times: Sequence[float]) -> Iterator[Metric]:
    """The median, and the 95th and 99th percentiles for which there are enough repeats and a name."""
    yield median(name, subject, times)
    for at, least in _LEAST_REPEATS.items():
        if len(times) >= least and (higher := f"{name}_p{100 * at:.0f}") in METRICS:
            yield quantile(higher, subject, times, at)


def _operations(models: Mapping[Subject, LanguageModel], tokens: int) -> Iterator[Metric]:
    """Operations of every model whose shape is known."""
    for subject, model in models.items():
        try:
            shape = Architecture.from_config(model.network.config.to_dict())
        except ModelError:
            continue
        for who in (subject, "bundle") if subject == "student" else (subject,):
            yield exact("prefill_flops", who, forward_flops(shape, tokens))
            yield exact("token_flops", who, forward_flops(shape, 1, past=tokens))


def _memory(bundle: Bundle, prompt: Sequence[int], new_tokens: int) -> Iterator[Metric]:
    memory: dict[Subject, str] = {"student": "float", "bundle": bundle.manifest.default}
    for subject, model in memory.items():
        yield exact("peak_memory_bytes", subject, peak_memory_bytes(bundle.path, model, prompt, new_tokens))


def _made(
    seconds: Mapping[Subject, float], answers: Mapping[Subject, Metric], settings: EfficiencySettings
) -> Iterator[Metric]:
    joules = {
        subject: estimated_joules(time * cores(), cores(), settings.processor_watts)
        for subject, time in seconds.items()
        if time
    }
    for subject, spent in joules.items():
        yield exact("making_joules", subject, spent)
        yield exact("making_co2_g", subject, grams_of_carbon(spent, settings.grid_grams_per_kwh))
    teacher = answers["teacher"]
    for subject in ("student", "bundle"):
        ours = answers[subject]
        value, late, early = (
            break_even(joules.get("student", 0.0), theirs, mine)
            for theirs, mine in (
                (teacher.value, ours.value),
                (teacher.ci_low, ours.ci_high),
                (teacher.ci_high, ours.ci_low),
            )
            if theirs is not None and mine is not None
        )
        if value is not None and early is not None and late is not None:
            yield between("break_even_answers", subject, value, (early, late), min(teacher.n, ours.n))

"""The contract table of the response losses.

Oracles use SciPy and NumPy only, in probability space or row by row where the code works in log-space and at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from scipy.spatial.distance import cosine
from scipy.special import expit, huber, log_softmax, rel_entr, softmax
from scipy.stats import wasserstein_distance, zscore
from torch import Generator, Tensor

from losses.harness import TEMPERATURES, Published, Row, Sample, draw, labelled_logits, saturated

Array = np.ndarray


def with_temperatures(*hyper: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    """The defaults at every temperature, and others at one."""
    return (*TEMPERATURES, *hyper)


def cancelled(temperature: float = 1.0, alpha: float | None = None, **_: Any) -> float:
    """The size of the terms whose difference a mixture's divergence is."""
    return temperature**2 / (1.0 if alpha is None else alpha * (1 - alpha))


def row_by_row(oracle: Callable[..., float]) -> Callable[..., Array]:
    """An oracle of all rows, from one of a single row; per-row tensors are handed over row by row."""

    def all_rows(student: Array, teacher: Array, **arguments: Any) -> Array:
        rows = student.shape[:-1]
        tensors = {
            k: v for k, v in arguments.items() if isinstance(v, Array) and v.shape[: len(rows)] == rows
        }
        rest = {k: v for k, v in arguments.items() if k not in tensors}
        found = [
            oracle(student[i], teacher[i], **{k: v[i] for k, v in tensors.items()}, **rest)
            for i in np.ndindex(rows)
        ]
        return np.array(found).reshape(rows)

    return all_rows


def distributions(student: Array, teacher: Array, tau: float) -> tuple[Array, Array]:
    """Teacher's p and student's q."""
    return softmax(teacher / tau, axis=-1), softmax(student / tau, axis=-1)


# Divergences


def cross_entropy(student: Array, labels: Array) -> Array:
    return -np.take_along_axis(log_softmax(student, axis=-1), labels[..., None], -1)[..., 0]


def forward_kl(student: Array, teacher: Array, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return temperature**2 * rel_entr(p, q).sum(-1)


def reverse_kl(student: Array, teacher: Array, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return temperature**2 * rel_entr(q, p).sum(-1)


def jeffreys(student: Array, teacher: Array, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return temperature**2 * ((p - q) * (np.log(p) - np.log(q))).sum(-1)


def jensen_shannon(student: Array, teacher: Array, beta: float = 0.5, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    m = beta * p + (1 - beta) * q
    return temperature**2 * (beta * rel_entr(p, m) + (1 - beta) * rel_entr(q, m)).sum(-1)


def skew_forward_kl(student: Array, teacher: Array, alpha: float = 0.1, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return temperature**2 * rel_entr(p, alpha * p + (1 - alpha) * q).sum(-1)


def skew_reverse_kl(student: Array, teacher: Array, alpha: float = 0.1, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return temperature**2 * rel_entr(q, (1 - alpha) * p + alpha * q).sum(-1)


def total_variation(student: Array, teacher: Array, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return np.maximum(p - q, 0).sum(-1)  # the mass that must move


def alpha_divergence(student: Array, teacher: Array, alpha: float = 0.5, temperature: float = 1.0) -> Array:
    p, q = distributions(student, teacher, temperature)
    return temperature**2 * (1 - (p**alpha * q ** (1 - alpha)).sum(-1)) / (alpha * (1 - alpha))


@row_by_row
def adaptive_kl(student: Array, teacher: Array, head: float = 0.5, temperature: float = 1.0) -> float:
    p, q = distributions(student, teacher, temperature)
    in_head, mass = np.zeros(len(p), dtype=bool), 0.0
    for v in np.argsort(-p):
        if mass >= head:
            break
        in_head[v], mass = True, mass + p[v]
    gap = np.abs(p - q)
    w = gap[in_head].sum() / gap.sum() if gap.any() else 0.5
    return float(temperature**2 * (w * rel_entr(p, q).sum() + (1 - w) * rel_entr(q, p).sum()))


# Logits as they are


def logit_mse(student: Array, teacher: Array) -> Array:
    return np.linalg.norm(student - teacher, axis=-1) ** 2 / student.shape[-1]


def logit_huber(student: Array, teacher: Array, delta: float = 1.0) -> Array:
    return huber(delta, student - teacher).mean(-1)


@row_by_row
def logit_cosine(student: Array, teacher: Array) -> float:
    return float(cosine(student, teacher))


@row_by_row
def logistic_ranking(student: Array, teacher: Array, candidates: int = 64) -> float:
    leading = np.argsort(-teacher)[:candidates]
    pairs = [(i, j) for i in leading for j in leading if teacher[i] > teacher[j]]
    return float(np.mean([-np.log(expit(student[i] - student[j])) for i, j in pairs]))


# Labels


def bernoulli(p: Array, q: Array) -> Array:
    return rel_entr(p, q) + rel_entr(1 - p, 1 - q)


def multi_label_kl(
    student: Array,
    teacher: Array,
    label_temperature: Array | None = None,
    temperature: float = 1.0,
    positive_weight: float = 1.0,
) -> Array:
    total = np.zeros(student.shape[:-1])
    for label in range(student.shape[-1]):
        tau = temperature * (1.0 if label_temperature is None else label_temperature[label])
        p, q = expit(teacher[..., label] / tau), expit(student[..., label] / tau)
        total += (1 - p + positive_weight * p) * tau**2 * bernoulli(p, q)
    return total / student.shape[-1]


@row_by_row
def decoupled_kd(
    student: Array,
    teacher: Array,
    targets: int,
    alpha: float = 1.0,
    beta: float = 8.0,
    temperature: float = 4.0,
) -> float:
    p, q = distributions(student, teacher, temperature)
    others = np.arange(len(p)) != targets
    rest_p, rest_q = p[others] / p[others].sum(), q[others] / q[others].sum()
    tckd, nckd = bernoulli(p[targets], q[targets]), rel_entr(rest_p, rest_q).sum()
    return float(temperature**2 * (alpha * tckd + beta * nckd))


@row_by_row
def nkd(student: Array, teacher: Array, targets: int, gamma: float = 1.5, temperature: float = 1.0) -> float:
    p, q = distributions(student, teacher, 1.0)
    others = np.delete(teacher, targets), np.delete(student, targets)
    rest_p, rest_q = (softmax(x / temperature) for x in others)
    soft = -(rest_p * np.log(rest_q)).sum()
    return float(-p[targets] * np.log(q[targets]) + gamma * temperature**2 * soft)


# Correlation, standardisation, differences, sorted probabilities


def dist(
    student: Array, teacher: Array, beta: float = 1.0, gamma: float = 1.0, temperature: float = 1.0
) -> float:
    p, q = (x.reshape(-1, x.shape[-1]) for x in distributions(student, teacher, temperature))
    rows = [np.corrcoef(p[b], q[b])[0, 1] for b in range(len(p))]
    columns = [np.corrcoef(p[:, c], q[:, c])[0, 1] for c in range(p.shape[1])]
    return temperature**2 * (beta * (1 - np.mean(rows)) + gamma * (1 - np.mean(columns)))


def standardized_kl(student: Array, teacher: Array, temperature: float = 2.0) -> Array:
    return forward_kl(zscore(student, axis=-1, ddof=1), zscore(teacher, axis=-1, ddof=1), temperature)


@row_by_row
def dbild(student: Array, teacher: Array, candidates: int = 32, temperature: float = 1.0) -> float:
    total = 0.0
    for leader in (teacher, student):
        order = np.argsort(-leader)[:candidates]
        curve = softmax(leader / temperature)[order]
        unit = (curve - curve[-1]) / (curve[0] - curve[-1])
        chord = 1 - np.linspace(0, 1, len(unit))
        k = max(3, int(np.argmax(chord - unit)) + 1)
        top = order[:k]
        pairs = [(i, j) for n, i in enumerate(top) for j in top[n + 1 :]]
        d_t, d_s = (softmax([(x[i] - x[j]) / temperature for i, j in pairs]) for x in (teacher, student))
        total += rel_entr(d_s, d_t).sum()
    return total


@row_by_row
def universal_logit(student: Array, teacher: Array, temperature: float = 1.0) -> float:
    sizes = max(len(student), len(teacher))
    p, q = (np.pad(x, (0, sizes - len(x))) for x in distributions(student, teacher, temperature))
    # Between two sets of equally many equally heavy points on a line, the optimal transport keeps their order.
    return float(wasserstein_distance(p, q) * sizes)


# Values and times


@row_by_row
def regression_kd(student: Array, teacher: Array, targets: Array, margin: float = 0.0) -> float:
    ours, bound = (float(np.dot(x - targets, x - targets)) for x in (student, teacher))
    return ours if ours + margin > bound else 0.0


@row_by_row
def survival_kd(student: Array, teacher: Array) -> float:
    def event_time(hazard_logits: Array) -> Array:
        survival = np.concatenate([[1.0], np.cumprod(expit(-hazard_logits))])
        return np.array([before - after for before, after in pairwise(survival)] + [survival[-1]])

    return float(rel_entr(event_time(teacher), event_time(student)).sum())


# Samples


def classes_and_logits(generator: Generator) -> Sample:
    return Sample(draw(generator, 3, 3, 5), torch.randint(5, (3, 3), generator=generator))


def other_vocabulary(generator: Generator) -> Sample:
    return Sample(draw(generator, 3, 3, 5), draw(generator, 3, 3, 7))


def many_classes(generator: Generator) -> Sample:
    """Ten classes without ties, in bfloat16 neither, so that everybody orders them alike."""

    def apart() -> Tensor:
        order = torch.rand(3, 2, 10, generator=generator).argsort(-1)
        return order.double() ** 1.2 / 2 + draw(generator, 3, 2, 10, scale=0.02)

    return Sample(apart(), apart())


def measured(generator: Generator) -> Sample:
    truth = draw(generator, 5, 4, 2)
    student, teacher = (
        truth + draw(generator, 5, 4, 2, scale=1.0),
        truth + draw(generator, 5, 4, 2, scale=1.0),
    )
    return Sample(student, teacher, {"targets": truth})


def sure_padding(sample: Sample) -> Iterator[Sample]:
    """Saturated, and with all but two classes excluded."""

    def two(logits: Tensor) -> Tensor:
        return torch.cat([logits[..., :2], torch.full_like(logits[..., 2:], -torch.inf)], -1)

    yield from saturated(sample)
    yield sample._replace(student=two(sample.student), teacher=two(sample.teacher))


def example(student: list[float], teacher: list[float], **tensors: Tensor) -> Sample:
    return Sample(
        torch.tensor([student], dtype=torch.float64), torch.tensor([teacher], dtype=torch.float64), tensors
    )


SOFT: dict[str, Any] = {"shift_invariant": True, "padding": True, "extremes": sure_padding}
LABELS = {"label_temperature": torch.linspace(0.5, 3.0, 5), "temperature": 2.0}
COINS = example([np.log(0.2), np.log(0.8)], [np.log(0.5), np.log(0.5)])

# Subgroups


def demographic_parity(student: Array, teacher: Array, groups: Array) -> float:
    q, of = softmax(student, axis=-1).reshape(-1, student.shape[-1]), groups.reshape(-1)
    return sum((of == g).mean() * ((q[of == g].mean(0) - q.mean(0)) ** 2).sum() for g in set(of.tolist()))


def equalised_odds(student: Array, teacher: Array, groups: Array, targets: Array) -> float:
    classes = sorted(set(targets.reshape(-1).tolist()))
    parts = [
        demographic_parity(student[targets == y], teacher[targets == y], groups[targets == y])
        for y in classes
    ]
    return sum(parts) / len(classes)


def grouped_logits(generator: Generator) -> Sample:
    """Logits of cases that belong to three subgroups."""
    drawn = labelled_logits(generator)
    groups = torch.randint(3, (3, 3), generator=generator)
    return drawn._replace(tensors={"groups": groups})


def grouped_and_labelled(generator: Generator) -> Sample:
    """The same of two true classes."""
    drawn = grouped_logits(generator)
    targets = torch.randint(2, (3, 3), generator=generator)
    return drawn._replace(tensors={**drawn.tensors, "targets": targets})


def at_parity(sample: Sample) -> Sample:
    """A student that answers every case alike."""
    return sample._replace(student=sample.student[:1, :1].expand_as(sample.student))


ROWS: dict[str, Row] = {
    "cross_entropy": Row(cross_entropy, classes_and_logits, minimum=None, shift_invariant=True, padding=True),
    "forward_kl": Row(
        forward_kl,
        hyper=TEMPERATURES,
        **SOFT,
        published=(Published(COINS, [0.22314355], "½ log(½/⅕) + ½ log(½/⅘) = log 1.25"),),
    ),
    "reverse_kl": Row(
        reverse_kl,
        hyper=TEMPERATURES,
        **SOFT,
        published=(Published(COINS, [0.19274475], "log 2 less the entropy of (⅕, ⅘)"),),
    ),
    "jeffreys": Row(jeffreys, hyper=TEMPERATURES, **SOFT),
    "jensen_shannon": Row(
        jensen_shannon, hyper=with_temperatures({"beta": 0.1}, {"beta": 0.9}), scale=cancelled, **SOFT
    ),
    "skew_forward_kl": Row(skew_forward_kl, hyper=with_temperatures({"alpha": 0.5}), scale=cancelled, **SOFT),
    "skew_reverse_kl": Row(skew_reverse_kl, hyper=with_temperatures({"alpha": 0.5}), scale=cancelled, **SOFT),
    "total_variation": Row(total_variation, hyper=TEMPERATURES, **SOFT),
    "alpha_divergence": Row(
        alpha_divergence, hyper=with_temperatures({"alpha": 0.2}, {"alpha": 0.7}), scale=cancelled, **SOFT
    ),
    "adaptive_kl": Row(adaptive_kl, hyper=with_temperatures({"head": 0.9}), held_constant=True, **SOFT),
    "logit_mse": Row(logit_mse),
    "logit_huber": Row(logit_huber, hyper=tuple({"delta": d} for d in (0.5, 1.0, 4.0))),
    "logit_cosine": Row(logit_cosine),
    "logistic_ranking": Row(logistic_ranking, hyper=({}, {"candidates": 3}), minimum=None, **SOFT),
    "multi_label_kl": Row(multi_label_kl, hyper=with_temperatures({"positive_weight": 5.0}, LABELS)),
    "decoupled_kd": Row(
        decoupled_kd, labelled_logits, hyper=with_temperatures({"alpha": 0.5, "beta": 2.0}), **SOFT
    ),
    "dist": Row(dist, hyper=with_temperatures({"beta": 2.0, "gamma": 0.5}), shift_invariant=True),
    "standardized_kl": Row(standardized_kl, hyper=TEMPERATURES, shift_invariant=True, scale=cancelled),
    "nkd": Row(nkd, labelled_logits, hyper=with_temperatures({"gamma": 3.0}), minimum=None, **SOFT),
    "dbild": Row(dbild, many_classes, hyper=with_temperatures({"candidates": 5}), **SOFT),
    "universal_logit": Row(universal_logit, other_vocabulary, hyper=TEMPERATURES, **SOFT),
    "regression_kd": Row(regression_kd, measured, hyper=({}, {"margin": 2.0}), minimum=None),
    "survival_kd": Row(survival_kd),
    "demographic_parity": Row(
        demographic_parity, grouped_logits, at_teacher=at_parity, shift_invariant=True, padding=True
    ),
    "equalised_odds": Row(
        equalised_odds, grouped_and_labelled, at_teacher=at_parity, shift_invariant=True, padding=True
    ),
}

"""The contract table of the feature losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.signal import correlate2d, periodogram
from scipy.spatial.distance import cosine as cosine_distance
from scipy.special import expit, log_softmax, rel_entr, softmax
from torch import Generator, Tensor, randint

from losses.harness import TEMPERATURES, Row, Sample, draw, each

Array = np.ndarray
State = Mapping[str, Array]


@dataclass(frozen=True)
class MapRow(Row):
    """Maps: the mask is over pixels, which are not the leading axes; the oracle drops them itself."""

    keep: Callable[[Sample, Tensor], Sample] | None = None

    def mask(self, sample: Sample) -> Tensor:
        """Pixels to keep, unlike in each example."""
        batch, _, *size = sample.student.shape
        return torch.rand(batch, *size, generator=Generator().manual_seed(5)) < 0.7


def spoil_pixels(sample: Sample, mask: Tensor) -> Sample:
    """NaN in masked pixels, and labels that are no class."""

    def spoil(x: Tensor) -> Tensor:
        if x.dtype == torch.bool:
            return x
        if x.is_floating_point():
            return x.masked_fill(~mask.unsqueeze(1), torch.nan)
        return x.masked_fill(~mask, -100)

    return each(sample, spoil)


# --- samples -----------------------------------------------------------------------------------------------------


def one_width(generator: Generator) -> Sample:
    return Sample(draw(generator, 3, 4, 7), draw(generator, 3, 4, 7))


def two_widths(generator: Generator) -> Sample:
    return Sample(draw(generator, 3, 4, 5), draw(generator, 3, 4, 7))


def maps(generator: Generator) -> Sample:
    return Sample(draw(generator, 3, 4, 3, 6), draw(generator, 3, 4, 3, 6))


def maps_of_two_widths(generator: Generator) -> Sample:
    return Sample(draw(generator, 3, 4, 3, 6), draw(generator, 3, 6, 3, 6))


def maps_of_a_wide_teacher(generator: Generator) -> Sample:
    """Wide enough that no site has all its hidden units at the kink of ReLU, where there is no gradient to check."""
    return Sample(draw(generator, 3, 4, 2, 4), draw(generator, 3, 9, 2, 4))


def labelled_maps(generator: Generator) -> Sample:
    labels = randint(-1, 4, (3, 3, 6), generator=generator)
    return maps_of_two_widths(generator)._replace(tensors={"targets": labels})


def partly_hidden_maps(generator: Generator) -> Sample:
    hidden = torch.rand(3, 3, 6, generator=generator) < 0.5
    return maps_of_two_widths(generator)._replace(tensors={"hidden": hidden})


def stages(generator: Generator) -> Sample:
    student = (draw(generator, 3, 2, 10, 10), draw(generator, 3, 3, 5, 5), draw(generator, 3, 4, 1, 1))
    teacher = (draw(generator, 3, 3, 5, 5), draw(generator, 3, 2, 3, 3), draw(generator, 3, 5, 1, 1))
    return Sample(student, teacher)


def labelled_stages(generator: Generator) -> Sample:
    student, teacher, _ = stages(generator)
    return Sample(student, (*teacher, draw(generator, 3, 8, 4)), {"targets": torch.tensor([2, -1, 0])})


def series(generator: Generator) -> Sample:
    return Sample(draw(generator, 4, 18, 3), draw(generator, 4, 18, 3))


def two_vocabularies(generator: Generator) -> Sample:
    return Sample(
        draw(generator, 3, 4, 5),
        draw(generator, 3, 4, 8),
        {"targets": randint(5, (3, 4), generator=generator)},
    )


# --- oracles -----------------------------------------------------------------------------------------------------


def rows_last(features: Array) -> Array:
    return np.moveaxis(features, 1, -1) if features.ndim > 3 else features


def examples(side: Array, mask: Array | None) -> list[Array]:
    """The kept sites of each example, ``(sites, channels)``; examples that keep none are gone."""
    rows = rows_last(side)
    masks = np.ones(rows.shape[:-1], bool) if mask is None else mask
    return [row[keep] for row, keep in zip(rows, masks, strict=True) if keep.any()]


def affine(state: State, layer: str, x: Array) -> Array:
    return x @ state[f"{layer}.weight"].T + state[f"{layer}.bias"]


def hidden_mse(student: Array, teacher: Array) -> Array:
    return np.linalg.norm(student - teacher, axis=-1) ** 2 / np.linalg.norm(teacher, axis=-1) ** 2


def hidden_cosine(student: Array, teacher: Array) -> Array:
    rows = np.array([cosine_distance(a, b) for a, b in zip(*map(flat_rows, (student, teacher)), strict=True)])
    return rows.reshape(student.shape[:-1])


def flat_rows(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


def hint(
    student: Array, teacher: Array, state: State, regressor: str = "linear", sizes: str = "equal"
) -> Array:
    predicted = affine(state, "regressor.0", student)
    if regressor == "mlp":
        predicted = affine(state, "regressor.2", np.maximum(predicted, 0))
    return 0.5 * np.linalg.norm(predicted - teacher, axis=-1) ** 2


def patient_kd(student: Array, teacher: Array) -> Array:
    """‖ŝ − t̂‖² = 2 (1 − cos)."""
    return np.array(
        [
            np.mean([2 * cosine_distance(a, b) for a, b in zip(s, t, strict=True)])
            for s, t in zip(student, teacher, strict=True)
        ]
    )


def gram(student: Array, teacher: Array, mask: Array | None) -> Array:
    """Element by element: the mean over the sites of the product of two channels."""
    values = []
    for s, t in zip(examples(student, mask), examples(teacher, mask), strict=True):
        width = s.shape[1]
        entries = [
            np.mean(s[:, i] * s[:, j]) - np.mean(t[:, i] * t[:, j])
            for i in range(width)
            for j in range(width)
        ]
        values.append(np.mean(np.square(entries)))
    return np.array(values)


def mmd(student: Array, teacher: Array, mask: Array | None) -> Array:
    """MMD² by its feature map: for k(x, y) = (x·y)² that is the outer product of x with itself."""
    values = []
    for s, t in zip(examples(student, mask), examples(teacher, mask), strict=True):
        means = []
        for side in (s, t):
            unit = side / np.linalg.norm(side, axis=0)
            means.append(np.mean([np.outer(channel, channel) for channel in unit.T], axis=0))
        values.append(((means[0] - means[1]) ** 2).sum())
    return np.array(values)


def variational(
    student: Array, teacher: Array, state: State, mask: Array | None, initial_variance: float = 5.0
) -> Array:
    """By torch's own Gaussian likelihood."""
    x, t = (rows_last(side) for side in (student, teacher))
    x, t = (x, t) if mask is None else (x[mask], t[mask])
    for layer in ("mean.0", "mean.2"):
        x = np.maximum(affine(state, layer, x), 0)
    mean, goal = torch.from_numpy(affine(state, "mean.4", x)), torch.from_numpy(t)
    variance = torch.from_numpy(np.logaddexp(0, state["raw_variance"]) + 1e-5).expand_as(goal)
    likelihood = torch.nn.functional.gaussian_nll_loss(
        mean, goal, variance, full=False, eps=0, reduction="none"
    )
    return likelihood.sum(-1).numpy()


def convolve(state: State, layer: str, maps_in: Array) -> Array:
    """A convolution of one example, kernel by kernel, with SciPy."""
    weight, bias = state[f"{layer}.weight"], state[f"{layer}.bias"]
    return np.stack(
        [
            b + sum(correlate2d(x, k, mode="same") for x, k in zip(maps_in, kernels, strict=True))
            for kernels, b in zip(weight, bias, strict=True)
        ]
    )


def nearest(x: Array, size: int) -> Array:
    index = np.floor(np.arange(size) * x.shape[1] / size).astype(int)
    return x[:, index][:, :, index]


def averaged(x: Array, size: int) -> Array:
    """Adaptive average pooling: window i is from floor(i·n/size) to ceil((i+1)·n/size)."""
    n = x.shape[-1]
    cuts = [(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
    return np.array([[[c[a:b, d:e].mean() for d, e in cuts] for a, b in cuts] for c in x])


def context_loss(fused: Array, goal: Array) -> float:
    weights, errors = [1.0], [np.mean((fused - goal) ** 2)]
    for size in (4, 2, 1):
        if size < goal.shape[-1]:
            weights.append(weights[-1] / 2)
            errors.append(np.mean((averaged(fused, size) - averaged(goal, size)) ** 2))
    return float(np.average(errors, weights=weights))


def review(student: Any, teacher: Any, state: State, mid_channels: int = 512) -> Array:
    """The paper's figure, one example at a time, from the deepest stage to the shallowest."""
    values = np.zeros(len(student[0]))
    for example in range(len(values)):
        deeper = None
        for number, (s, t) in enumerate(zip(student[::-1], teacher[::-1], strict=True)):
            x, goal = convolve(state, f"fusions.{number}.enter", s[example]), t[example]
            if deeper is not None:
                deeper = nearest(deeper, x.shape[1])
                z = expit(convolve(state, f"fusions.{number}.attend", np.concatenate([x, deeper])))
                x = x * z[0] + deeper * z[1]
            deeper = nearest(x, goal.shape[1])
            values[example] += context_loss(convolve(state, f"fusions.{number}.leave", deeper), goal)
    return values


def routed_features(
    student: Any, teacher: Any, targets: Array, state: State, classes: int = 2, width: int = 64
) -> Array:
    """One example at a time."""
    values = []
    for number, label in enumerate(targets):
        own = affine(state, "enter", centre(student[-1][number]))
        mapped = [
            affine(state, f"stages.{place}", centre(stage[number])) for place, stage in enumerate(teacher)
        ]
        scaled = [row / np.sqrt(np.mean(row**2) + np.finfo(np.float64).eps) for row in mapped]
        shares = softmax(
            [row @ gate / np.sqrt(width) for row, gate in zip(scaled, state["gate"], strict=True)]
        )
        mixture = sum(share * row for share, row in zip(shares, scaled, strict=True))
        told = log_softmax(affine(state, "classify", mixture))
        values.append(np.mean((own - mixture) ** 2) - (told[label] if label >= 0 else 0.0))
    return np.array(values)


def centre(stage: Array) -> Array:
    """Mean over the sites of one example: a map's channels come first, a series' last."""
    return stage.reshape(len(stage), -1).mean(1) if stage.ndim == 3 else stage.mean(0)


def masked_generative(
    student: Array,
    teacher: Array,
    hidden: Array,
    state: State,
    mask: Array | None,
    hidden_share: float = 0.65,
) -> Array:
    keep = np.ones(hidden.shape, bool) if mask is None else mask
    generated = []
    for s, unseen in zip(student, hidden | ~keep, strict=True):
        aligned = convolve(state, "align", np.where(unseen, 0, s)) * ~unseen
        generated.append(convolve(state, "generate.2", np.maximum(convolve(state, "generate.0", aligned), 0)))
    errors = ((np.array(generated) - teacher) ** 2).sum(1)
    return errors if mask is None else errors[mask]


def channel_wise(student: Array, teacher: Array, mask: Array | None, temperature: float = 4.0) -> Array:
    return np.array(
        [
            temperature**2
            * rel_entr(softmax(t / temperature, axis=0), softmax(s / temperature, axis=0)).sum()
            / s.shape[1]
            for s, t in zip(examples(student, mask), examples(teacher, mask), strict=True)
        ]
    )


def similarity(site: Array, centre: Array) -> float:
    return 1 - cosine_distance(site, centre)


def intra_class_variation(student: Array, teacher: Array, targets: Array, mask: Array | None) -> Array:
    """Pixel by pixel."""
    keep = (targets >= 0) if mask is None else (targets >= 0) & mask
    s_rows, t_rows = rows_last(student), rows_last(teacher)
    values = []
    for place in zip(*keep.nonzero(), strict=True):
        alike = keep[place[0]] & (targets[place[0]] == targets[place])
        s, t = (similarity(x[place], x[place[0]][alike].mean(0)) for x in (s_rows, t_rows))
        values.append((s - t) ** 2)
    return np.array(values)


def prototype(student: Array, teacher: Array, targets: Array, mask: Array | None) -> Array:
    """Pixel by pixel, class by class."""
    keep = (targets >= 0) if mask is None else (targets >= 0) & mask
    s_rows, t_rows = rows_last(student), rows_last(teacher)
    values = []
    for place in zip(*keep.nonzero(), strict=True):
        own, labels = keep[place[0]], targets[place[0]]
        terms = []
        for label in np.unique(labels[own]):
            s, t = (
                similarity(x[place], x[place[0]][own & (labels == label)].mean(0)) for x in (s_rows, t_rows)
            )
            terms.append((s - t) ** 2)
        values.append(np.mean(terms))
    return np.array(values)


def spectral_alignment(student: Array, teacher: Array, bands: int = 8) -> Array:
    """By SciPy's periodogram."""
    shares = []
    for side in (student, teacher):
        _, power = periodogram(side, axis=1, detrend="constant", window="boxcar")
        banded = np.stack([part.sum(1) for part in np.array_split(power[:, 1:], bands, axis=1)], axis=1)
        shares.append((1 - 1e-6) * banded / banded.sum(1, keepdims=True) + 1e-6 / bands)
    return rel_entr(shares[1], shares[0]).sum(1).mean(1)


def projected_vocabulary(
    student: Array,
    teacher: Array,
    targets: Array,
    state: State,
    hidden_width: int = 1024,
    temperature: float = 1.0,
) -> Array:
    projected = affine(state, "project.2", np.maximum(affine(state, "project.0", teacher), 0))
    p, q = (softmax(x / temperature, axis=-1) for x in (projected, student))
    log_likelihood = np.take_along_axis(log_softmax(projected, axis=-1), targets[..., None], -1)[..., 0]
    return temperature**2 * rel_entr(p, q).sum(-1) - log_likelihood


ROWS: dict[str, Row] = {
    "hint": Row(hint, sample=two_widths, hyper=({}, {"regressor": "mlp"}, {"sizes": "pooled"}), minimum=None),
    "hidden_mse": Row(hidden_mse, sample=one_width),
    "hidden_cosine": Row(hidden_cosine, sample=one_width),
    "patient_kd": Row(patient_kd, sample=one_width, mask_axes=1),
    "gram": MapRow(gram, sample=maps, spoil=spoil_pixels),
    "mmd": MapRow(mmd, sample=maps_of_two_widths, spoil=spoil_pixels, scale=1.0),
    "variational": MapRow(
        variational,
        sample=maps_of_a_wide_teacher,
        hyper=({}, {"initial_variance": 0.5}),
        minimum=None,
        non_negative=False,
        spoil=spoil_pixels,
    ),
    "review": Row(review, sample=stages, hyper=({"mid_channels": 4},), minimum=None, mask_axes=1),
    "routed_features": Row(
        routed_features,
        sample=labelled_stages,
        hyper=({"classes": 3, "width": 6},),
        minimum=None,
        mask_axes=1,
        own_objective=True,
    ),
    "masked_generative": MapRow(
        masked_generative, sample=partly_hidden_maps, minimum=None, spoil=spoil_pixels
    ),
    "channel_wise": MapRow(
        channel_wise, sample=maps, hyper=TEMPERATURES, shift_invariant=True, spoil=spoil_pixels
    ),
    "intra_class_variation": MapRow(
        intra_class_variation, sample=labelled_maps, spoil=spoil_pixels, order_invariant=False
    ),
    "prototype": MapRow(prototype, sample=labelled_maps, spoil=spoil_pixels, order_invariant=False),
    "spectral_alignment": Row(
        spectral_alignment,
        sample=series,
        hyper=({}, {"bands": 9}, {"bands": 4}),
        shift_invariant=True,
        mask_axes=1,
    ),
    "projected_vocabulary": Row(
        projected_vocabulary,
        sample=two_vocabularies,
        hyper=tuple({"hidden_width": 6, **hyper} for hyper in TEMPERATURES),
        minimum=None,
        shift_invariant=True,
        own_objective=True,
    ),
}

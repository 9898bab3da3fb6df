"""The GPU kernel computes what its plain twin computes: on a GPU, or on any processor in Triton's interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from stillroom.losses import DenseTeacher, Sampled, TopK, linear_distillation
from stillroom.losses.fused import rows
from stillroom.losses.fused.chunk import Objective, evaluate
from stillroom.losses.fused.divergences import DIVERGENCES, Shape

ROWS, VOCAB, BLOCK = 2, 43, 32
HAS_TRITON = find_spec("triton") is not None
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
INTERPRETED = os.environ.get("TRITON_INTERPRET") == "1"
DIVERGENCE = pytest.mark.parametrize("name", DIVERGENCES)
TAU = pytest.mark.parametrize("tau", [0.5, 1.0, 4.0])


@pytest.mark.skipif(not HAS_TRITON, reason="triton is not installed")
@pytest.mark.skipif(DEVICE == "cuda" or INTERPRETED, reason="this run calls the kernel itself")
def test_the_kernel_agrees_with_its_twin_in_the_interpreter() -> None:
    """In a process of its own: the interpreter is chosen before triton is first imported."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "passed" in done.stdout


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    if not HAS_TRITON or (DEVICE == "cpu" and not INTERPRETED):
        pytest.skip("the kernel needs triton, and a GPU or TRITON_INTERPRET=1")
    from stillroom.losses.fused import kernel

    monkeypatch.setattr(kernel, "_MOST_CLASSES", BLOCK)
    return kernel


class Given:
    """A few ragged rows of logits: their classes fill no whole block of the kernel."""

    def __init__(self, dtype: torch.dtype = torch.float32) -> None:
        generator = torch.Generator().manual_seed(5)
        self.student, self.teacher = (
            (2 * torch.randn(ROWS, VOCAB, generator=generator)).to(DEVICE, dtype) for _ in range(2)
        )
        self.targets = torch.tensor([17, VOCAB - 1], device=DEVICE)
        self.row_weights = torch.tensor([0.3, 1.7], device=DEVICE)

    def exact(self, objective: Objective) -> tuple[dict[str, Tensor], Tensor]:
        """Sums and gradient by the plain twin in float64."""
        weights = self.row_weights.double()
        values, gradient = evaluate(self.student.double(), self.targets, self.teacher.double(), objective)
        gradient = torch.zeros_like(self.student).double() if gradient is None else gradient
        return {name: (value * weights).sum() for name, value in values.items()}, gradient * weights[:, None]

    def by_kernel(self, kernel: ModuleType, objective: Objective) -> tuple[dict[str, Tensor], Tensor]:
        logits = self.student.clone()
        with np.errstate(all="ignore"):  # the interpreter warns of infinities that are masked afterwards
            sums = kernel.differentiate(logits, self.teacher, self.targets, self.row_weights, objective)
        return sums, logits

    def holds(self, kernel: ModuleType, weights: Mapping[str, float], tau: float = 1.0) -> None:
        objective = Objective(weights, tau, Shape(beta=0.3, skew=0.2))
        sums, gradient = self.by_kernel(kernel, objective)
        exact, exact_gradient = self.exact(objective)
        assert sums.keys() == exact.keys()
        for name, value in sums.items():
            # τ² multiplies what float32 rounds.
            torch.testing.assert_close(value.double(), exact[name], rtol=1e-6, atol=1e-6 * max(1.0, tau**2))
        torch.testing.assert_close(gradient.double(), exact_gradient, rtol=1e-6, atol=1e-6)


@DIVERGENCE
@TAU
def test_values_and_gradient_are_those_of_float64(kernel: ModuleType, name: str, tau: float) -> None:
    Given().holds(kernel, {"cross_entropy": 0.3, name: 0.7}, tau)


def test_all_terms_share_one_launch(kernel: ModuleType) -> None:
    Given().holds(kernel, {**dict.fromkeys(DIVERGENCES, 0.5), "cross_entropy": 0.1}, 2.0)


@pytest.mark.parametrize("measured", ["forward_kl", "reverse_kl", "cross_entropy"])
def test_a_term_of_weight_zero_is_measured_and_moves_nothing(kernel: ModuleType, measured: str) -> None:
    Given().holds(kernel, {"jensen_shannon": 1.0, measured: 0.0})
    Given().holds(kernel, {measured: 0.0})


@pytest.mark.parametrize("name", [name for name in DIVERGENCES if name != "reverse_kl"])
def test_classes_that_the_teacher_excludes_cost_what_they_should(kernel: ModuleType, name: str) -> None:
    """Padding of the vocabulary, and a row whose first block is all −inf; reverse KL is infinite there."""
    given = Given()
    given.teacher[:, -5:] = -torch.inf
    given.teacher[1, : BLOCK + 1] = -torch.inf
    given.holds(kernel, {name: 1.0}, 2.0)


@DIVERGENCE
def test_classes_that_both_exclude_cost_nothing(kernel: ModuleType, name: str) -> None:
    given = Given()
    given.teacher[:, -5:] = given.student[:, -5:] = -torch.inf
    given.targets.clamp_(max=VOCAB - 6)
    given.holds(kernel, {name: 1.0, "cross_entropy": 0.5})


@DIVERGENCE
def test_saturated_logits_give_finite_values_and_gradients(kernel: ModuleType, name: str) -> None:
    given = Given()
    given.student, given.teacher = 1e4 * given.student.sign(), -1e4 * given.student.sign()
    sums, gradient = given.by_kernel(kernel, Objective({name: 1.0}, 1.0, Shape(0.3, 0.2)))
    assert torch.isfinite(sums[name])
    assert torch.isfinite(gradient).all()


@DIVERGENCE
def test_sixteen_bits_are_read_and_written_and_the_rest_is_float32(kernel: ModuleType, name: str) -> None:
    given = Given(torch.bfloat16)
    objective = Objective({name: 1.0, "cross_entropy": 0.5}, 2.0, Shape(0.3, 0.2))
    sums, gradient = given.by_kernel(kernel, objective)
    exact, exact_gradient = given.exact(objective)
    torch.testing.assert_close(sums[name].double(), exact[name], rtol=1e-6, atol=4e-6)
    assert gradient.dtype == torch.bfloat16
    # A GPU rounds to the nearest, the interpreter towards zero.
    torch.testing.assert_close(gradient.double(), exact_gradient, rtol=2**-7, atol=1e-7)


def test_a_label_outside_the_vocabulary_gives_nan(kernel: ModuleType) -> None:
    given = Given()
    given.targets[1] = VOCAB
    sums, _ = given.by_kernel(kernel, Objective({"cross_entropy": 1.0}, 1.0, Shape(0.3, 0.2)))
    assert torch.isnan(sums["cross_entropy"])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_whole_loss_is_the_same_through_the_kernel(
    kernel: ModuleType, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    hidden = torch.randn(3, 8, dtype=dtype, device=DEVICE, requires_grad=True)
    weight = torch.randn(VOCAB, 8, device=DEVICE, requires_grad=True)
    teacher = DenseTeacher(hidden.detach() + 0.5, weight.detach())
    targets = torch.arange(3, device=DEVICE)
    found = []
    for uses_kernel in (False, True):
        monkeypatch.setattr(rows, "_suits_kernel", lambda _, answer=uses_kernel: answer)
        with np.errstate(all="ignore"):
            loss = linear_distillation(
                hidden,
                weight,
                targets,
                teacher,
                weights={"forward_kl": 0.8, "cross_entropy": 0.2},
                temperature=2.0,
                chunk_rows=2,
            ).total
        found.append((loss.detach(), *torch.autograd.grad(loss, (hidden, weight))))
    # Where the gradient is rounded to 16 bits, the last of them may differ.
    tolerance = {"rtol": 1e-6, "atol": 1e-6} if dtype == torch.float32 else {"rtol": 2**-7, "atol": 1e-2}
    torch.testing.assert_close(found[1], found[0], **tolerance)


def test_the_kernel_takes_dense_teachers_on_a_gpu_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    class OnGpu(torch.Tensor):
        is_cuda = True

    def suits(logits: Tensor, teacher: Any) -> bool:
        return rows._suits_kernel(rows.Rows(logits, teacher, None, None))

    here = torch.zeros(2, VOCAB)
    there = here.as_subclass(OnGpu)
    monkeypatch.setattr(rows, "_has_triton", lambda: True)
    assert suits(there, None)
    assert suits(there, there)
    assert not suits(here, here)
    assert not suits(there.double(), None)
    assert not suits(there, there.double())
    assert not suits(there, TopK.of(here, 4))
    assert not suits(there, Sampled.draw(here, 4))
    monkeypatch.setattr(rows, "_has_triton", lambda: False)
    assert not suits(there, there)


COMPILE = """
import torch, triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from stillroom.losses.fused import kernel

constants = {"MEASURED": 0b100001, "MINIMISED": 0b100001, "TEMPERED": True, "CLASSES": 4096}
types = {"student": "*bf16", "teacher": "*bf16", "targets": "*i64", "row_weights": "*fp32", "values": "*fp32"}
counts = dict.fromkeys(("student_stride", "teacher_stride", "rows", "vocab"), "i32")
known = {**types, **counts, **dict.fromkeys(constants, "constexpr")}
signature = {name: known.get(name, "fp32") for name in kernel._one_row.arg_names}
source = ASTSource(kernel._one_row, signature, constants)
options = {"num_warps": 8, "enable_fp_fusion": True}
for capability in (80, 90):
    made = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
    assert made.asm["cubin"]
"""


@pytest.mark.skipif(not HAS_TRITON, reason="triton is not installed")
@pytest.mark.skipif(INTERPRETED, reason="the compiler is not the interpreter")
def test_the_compiler_makes_machine_code_of_it_for_ampere_and_hopper() -> None:
    """Without a GPU too: what the interpreter lets pass, the compiler may not."""
    done = subprocess.run(
        [sys.executable, "-c", COMPILE], capture_output=True, text=True, check=False, timeout=200
    )
    assert done.returncode == 0, done.stderr[-3000:]

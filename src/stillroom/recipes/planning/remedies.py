"""What to change where a stage does not fit, and what would make a run faster: every edit is planned before it is told.

The published troubles and their remedies are rows R-473, R-474 and R-477; a remedy that changes the result comes after
those that do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from stillroom.recipes.finding import Finding
from stillroom.recipes.planning.edits import Edit, edited, fewest
from stillroom.recipes.planning.hardware import GIB, Hardware
from stillroom.recipes.planning.plan import Plan, StagePlan, plan
from stillroom.recipes.planning.workload import Rows
from stillroom.recipes.schema import Recipe
from stillroom.types import StillroomError

_BLOCKS = {"teach": "teach", "control": "train", "student": "train"}
_ADAPTERS = "{rank: 16, alpha: 32, dropout: 0.0, targets: all-linear}"
_WORTH_TELLING = 0.05
_LEAST_PASS = 32


def shortages(recipe: Recipe, hardware: Hardware, rows: Rows | None, found: Plan) -> Iterator[Finding]:
    """Name each stage that does not fit, with the fewest edits that make it fit."""
    told: set[Edit] = set()
    for stage in found.stages:
        if not stage.fits:
            finding = _shortage(recipe, hardware, rows, stage)
            if not finding.edits or finding.edits not in told:
                yield finding
            told.add(finding.edits)


def speedups(recipe: Recipe, hardware: Hardware, rows: Rows | None, found: Plan) -> Iterator[Finding]:
    """Name edits that leave the result as it is, or nearly, and save time."""
    for edit, price in _FASTER:
        changed = edited(recipe, [item for item in edit if recipe.teach or not item.startswith("teach.")])
        if changed is None or changed == recipe:
            continue
        faster = plan(changed, hardware, rows)
        saved = found.seconds - faster.seconds
        if faster.fits and saved > _WORTH_TELLING * found.seconds:
            yield Finding(
                "speed",
                "note",
                f"{saved / 60:.1f} of {found.seconds / 60:.1f} min could be saved",
                f"{price}:",
                edit,
            )


def _shortage(recipe: Recipe, hardware: Hardware, rows: Rows | None, stage: StagePlan) -> Finding:
    def fits(changed: Recipe) -> bool:
        try:
            return _stage(plan(changed, hardware, rows), stage.name).fits
        except StillroomError:
            return False

    need, room = _need(stage, hardware)
    found = f"needs {need / GIB:.1f} GiB; there are {room / GIB:.1f}"
    remedy = fewest(recipe, _candidates(recipe, stage.name), fits)
    if remedy is None:
        return Finding(f"memory of {stage.name}", "problem", found, "a larger machine or a smaller model")
    edits, changed = remedy
    after, _ = _need(_stage(plan(changed, hardware, rows), stage.name), hardware)
    return Finding(
        f"memory of {stage.name}", "problem", found, f"with these it needs {after / GIB:.1f} GiB:", edits
    )


def _need(stage: StagePlan, hardware: Hardware) -> tuple[int, int]:
    """The memory that is short, or the tighter one, and how much there is."""
    if stage.device and stage.device_bytes > hardware.device_memory_bytes:
        return stage.device_bytes, hardware.device_memory_bytes
    if stage.device and stage.host_bytes <= hardware.memory_bytes:
        return stage.device_bytes, hardware.device_memory_bytes
    return stage.host_bytes, hardware.memory_bytes


def _stage(found: Plan, name: str) -> StagePlan:
    return next(stage for stage in found.stages if stage.name == name)


def _candidates(recipe: Recipe, stage: str) -> list[Edit]:
    """What may help a stage, the mildest first: smaller passes and recomputing leave the update as it is."""
    if getattr(recipe, _BLOCKS.get(stage, ""), None) is not None:
        return _training_candidates(recipe, _BLOCKS[stage])
    teacher = [(f"teacher.precision={name}",) for name in ("bfloat16", "int8", "nf4")]
    shards = [(f"signals.shard_tokens={recipe.signals.shard_tokens // factor}",) for factor in (4, 16)]
    return [*shards, *teacher, ("teacher.offload=true",)]


def _training_candidates(recipe: Recipe, block: str) -> list[Edit]:
    settings = getattr(recipe, block)
    start = (
        settings.tokens_per_pass if isinstance(settings.tokens_per_pass, int) else settings.tokens_per_step
    )
    smaller, size = [], start // 2
    while size >= max(_LEAST_PASS, recipe.max_tokens):
        smaller.append((f"{block}.tokens_per_pass={size}",))
        size //= 2
    if start > recipe.max_tokens:
        smaller.append((f"{block}.tokens_per_pass={recipe.max_tokens}",))
    shorter = recipe.max_tokens // 2
    return [
        *smaller,
        (f"{block}.gradient_checkpointing=true",),
        (f"{block}.precision=bfloat16",),
        (f"{block}.lora={_ADAPTERS}",),
        (f"max_tokens={shorter}", f"{block}.tokens_per_pass={shorter}"),
    ]


_FASTER: tuple[tuple[Edit, str], ...] = (
    (
        ("train.gradient_checkpointing=false",),
        "the student's activations fit without computing them again",
    ),
    (("teach.gradient_checkpointing=false",), "the teacher's activations fit without computing them again"),
    (
        ("train.precision=bfloat16", "teach.precision=bfloat16"),
        "this machine computes bfloat16 faster; the loss stays in float32",
    ),
    (
        ("train.evaluate_every_share=0.5", "teach.evaluate_every_share=0.5"),
        "fewer measurements along the way; early stopping sees less",
    ),
    (
        ("evaluate.generation_items=0",),
        "without free answers there is no ROUGE and no BLEU",
    ),
)

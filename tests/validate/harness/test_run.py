"""The harness through the project says what the harness says of the same model by its own backend."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shared_data import shared_data
from stillroom.models import LanguageModel, TorchPredictor
from stillroom.types import DataError
from stillroom.validate.harness.run import harness_results, run_harness
from stillroom.validate.harness.tasks import NAMES, HarnessTask, load_tasks

pytest.importorskip("lm_eval", reason="the extra harness is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")

LONGEST = 120


def data_folder() -> Path:
    return shared_data("mmlu_medical").parent


def own_backend(model: LanguageModel, tasks: list[HarnessTask], longest: int) -> list[object]:
    from lm_eval.models.huggingface import HFLM

    backend = HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=4, max_length=longest)
    return list(harness_results(backend, tasks))


@pytest.fixture(scope="module")
def tasks() -> list[HarnessTask]:
    made = [
        {
            "prompt": f"Which number is {n}?",
            "context": "Count.",
            "options": [f"{n + at}" for at in range(4)],
            "answer": n % 4,
        }
        for n in range(12)
    ]
    config = {
        "doc_to_text": "{{context}} {{prompt}}\nAnswer:",
        "doc_to_choice": "{{options}}",
        "doc_to_target": "answer",
        "metrics": ["acc", "acc_norm"],
    }
    return [HarnessTask("made", config, tuple(made))]


def test_a_random_model_scores_alike_by_both_ways(
    make_model: Callable[..., LanguageModel], tasks: list[HarnessTask]
) -> None:
    seen = set()
    for seed in range(4):
        model = make_model(layers=2, seed=seed)
        ours = run_harness(TorchPredictor(model), model.tokenizer, tasks, max_length=LONGEST)
        assert ours == own_backend(model, tasks, LONGEST)
        assert [(found.task, found.metric, found.n) for found in ours] == [
            ("made", "acc", 12),
            ("made", "acc_norm", 12),
        ]
        seen |= {found.value for found in ours}
    assert len(seen) > 1  # the models differ, so equality says something


def test_texts_are_scored_and_written_alike(make_model: Callable[..., LanguageModel]) -> None:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    from stillroom.validate.harness.adapter import PredictorLM

    model = make_model(layers=2)
    both = (
        PredictorLM(TorchPredictor(model), model.tokenizer, max_length=LONGEST),
        HFLM(pretrained=model.network, tokenizer=model.tokenizer, batch_size=1, max_length=LONGEST),
    )

    def asked(kind: str, *arguments: object) -> list[Instance]:
        return [Instance(kind, {}, arguments, 0)]

    ours, theirs = (
        lm.loglikelihood_rolling(asked("loglikelihood_rolling", "An abnormal shape.")) for lm in both
    )
    assert ours == pytest.approx(theirs, rel=1e-5)
    ours, theirs = (lm.loglikelihood(asked("loglikelihood", "", "An abnormal shape.")) for lm in both)
    assert ours[0][0] == pytest.approx(theirs[0][0], rel=1e-5)
    wanted = {"until": ["e"], "max_gen_toks": 6, "do_sample": False}
    assert both[0].generate_until(asked("generate_until", "Define", wanted)) == both[1].generate_until(
        asked("generate_until", "Define", wanted)
    )


def test_the_real_tasks_have_the_published_items() -> None:
    found = load_tasks(list(NAMES), data_folder(), None)
    sizes = {task.name: len(task.items) for task in found}
    assert sum(size for name, size in sizes.items() if name.startswith("mmlu_medical_")) == 1571
    assert len([name for name in sizes if name.startswith("mmlu_medical_")]) == 8
    assert sizes["medqa"] == 1273
    assert sizes["pubmedqa"] == 500
    for task in found:
        for item in task.items[:20]:
            assert 0 <= item["answer"] < len(item["options"])


def test_a_limit_takes_the_first_items_of_each_task() -> None:
    assert {len(task.items) for task in load_tasks(["mmlu_medical", "medqa"], data_folder(), 3)} == {3}


def test_what_is_not_there_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="did you mean 'medqa'"):
        load_tasks(["medqaa"], tmp_path, None)
    with pytest.raises(DataError, match="no folder"):
        load_tasks(["medqa"], tmp_path, None)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_real_model_scores_alike_by_both_ways() -> None:
    """SmolLM2-135M on all four benchmarks, eleven tasks."""
    from stillroom.models import load_teacher
    from stillroom.models.settings import TeacherSettings

    model = load_teacher(TeacherSettings(model="smollm2-135m-instruct"))
    tasks = load_tasks(list(NAMES), data_folder(), 8)
    ours = run_harness(TorchPredictor(model), model.tokenizer, tasks, max_length=2048)
    assert ours == own_backend(model, tasks, 2048)
    assert len({found.task for found in ours}) == 11

"""Further losses of the registry as terms of an objective."""

from __future__ import annotations

from inspect import Parameter
from pathlib import Path

import pytest
import torch

from stillroom.losses import LOSSES, DenseTeacher, TopK
from stillroom.losses.feature.hidden import hidden_mse
from stillroom.models.attention import tappable
from stillroom.signals import LiveTeacher, SignalStore, collect
from stillroom.signals.settings import EXACT, AttentionSettings
from stillroom.train import ObjectiveSettings, fit
from stillroom.train.batches import collate, pack
from stillroom.train.faculty import Voice
from stillroom.train.learner import Learner
from stillroom.train.objective import TermSettings
from stillroom.train.seen import Seen
from stillroom.train.terms import FurtherTerms, parsed, reads_layers
from stillroom.types import TrainError
from train.tiny import model, rows, settings

VOCAB, WIDTH, LENGTHS = 11, 6, (2, 3, 4)
ROWS = sum(LENGTHS)
FED = {"logits", "hidden_states", "embeddings", "attentions"}
UNFED = {
    "adversarial_alignment",  # an opponent
    "categorical_relation",  # classes of examples
    "crd",  # a memory of all examples
    "cross_entropy",  # the objective has it
    "demographic_parity",  # subgroups of examples
    "equalised_odds",  # subgroups of examples
    "patient_kd",  # one state an example
    "spectral_alignment",  # a time axis
    "tinybert",  # scores before the softmax
}
REQUIRED = {
    name: {key: 1.0 for key, hyper in loss.hyper.items() if hyper.default is Parameter.empty}
    for name, loss in LOSSES.items()
}


def seen(**changes: object) -> Seen:
    torch.manual_seed(0)
    found = Seen(
        hidden=torch.randn(ROWS, WIDTH, requires_grad=True),
        matrix=torch.randn(VOCAB, WIDTH),
        voices=(Voice(DenseTeacher(torch.randn(ROWS, WIDTH), torch.randn(VOCAB, WIDTH)), 1.0),),
        targets=torch.randint(VOCAB, (ROWS,)),
        lengths=LENGTHS,
        layers=torch.randn(2, ROWS, WIDTH, requires_grad=True),
        teacher_layers=torch.randn(2, ROWS, WIDTH),
        weights=None,
        maps=torch.rand(2, 3, ROWS, 5).softmax(-1).requires_grad_(),
        teacher_maps=torch.randn(2, 3, ROWS, 5).softmax(-1),
    )
    return found._replace(**changes)


def terms(loss: str, weight: object = 1.0, **hyper: object) -> dict[str, TermSettings]:
    return {"mine": TermSettings.model_validate({"loss": loss, "weight": weight, "hyper": hyper})}


def value(wanted: dict[str, TermSettings], given: Seen, step: int = 0, steps: int = 1) -> float:
    return float(FurtherTerms(wanted, given)(given, step, steps)[0].detach())


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_has_a_gradient_or_a_reason(name: str) -> None:
    given = seen()
    try:
        total, _ = FurtherTerms(terms(name, **REQUIRED.get(name, {})), given)(given, 0, 1)
    except TrainError:
        assert name in UNFED or LOSSES[name].consumes not in FED
        return
    assert name not in UNFED
    total.backward()
    assert torch.isfinite(total)
    read = (given.hidden, given.layers, given.maps)
    assert any(x.grad is not None and x.grad.abs().sum() > 0 for x in read)


def test_a_term_on_logits_is_the_loss_of_the_registry() -> None:
    given = seen()
    teacher = given.voices[0].teacher
    expected = LOSSES["total_variation"](
        given.hidden @ given.matrix.T, teacher.hidden @ teacher.weight.T
    ).sum()
    assert value(terms("total_variation", 0.5), given) == pytest.approx(
        0.5 * float(expected.detach()), rel=1e-5
    )


def test_a_term_on_hidden_states_is_a_mean_over_mapped_layers() -> None:
    given = seen()
    expected = hidden_mse(given.layers, given.teacher_layers).mean(0).sum()
    assert value(terms("hidden_mse"), given) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_each_row_counts_with_its_weight() -> None:
    weights = torch.rand(ROWS)
    given = seen(weights=weights)
    each = hidden_mse(given.layers, given.teacher_layers).mean(0)
    assert value(terms("hidden_mse"), given) == pytest.approx(
        float((each * weights).sum().detach()), rel=1e-5
    )


def test_a_value_of_the_pass_counts_for_all_of_its_rows() -> None:
    given = seen()
    means = [
        torch.stack([x.mean(0) for x in side.split(LENGTHS)])
        for side in (given.hidden, given.voices[0].teacher.hidden)
    ]
    expected = LOSSES["rkd_distance"](*means) * ROWS
    assert value(terms("rkd_distance"), given) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_a_pass_of_two_examples_has_no_relations() -> None:
    assert value(terms("rkd_distance"), seen(lengths=(4, 5))) == 0.0


def test_a_weight_and_a_temperature_follow_their_schedules() -> None:
    given = seen()
    way = {"schedule": "linear", "start": 1.0, "end": 3.0}
    moving = terms("jeffreys", way, temperature=way)
    for step, at in ((0, 1.0), (2, 3.0)):
        assert value(moving, given, step, 3) == pytest.approx(
            value(terms("jeffreys", at, temperature=at), given)
        )


def test_a_narrow_student_learns_a_regressor() -> None:
    given = seen(layers=torch.randn(2, ROWS, 4))
    further = FurtherTerms(terms("hint"), given)
    assert {tuple(p.shape) for p in further.parameters() if p.ndim == 2} == {(WIDTH, 4)}
    assert len(list(further.losses["mine"])) == 2


def test_truncated_targets_feed_no_term_on_logits() -> None:
    truncated = TopK.of(torch.randn(ROWS, VOCAB), 3)
    with pytest.raises(TrainError, match=r"signals\.targets\.kind"):
        value(terms("jeffreys"), seen(voices=(Voice(truncated, 1.0),)))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (terms("jefreys"), "jefreys"),
        (terms("jeffreys", temperature=0.0), "temperature"),
        (terms("jeffreys", tau=1.0), "tau"),
        (terms("fsp"), "feature maps"),
        (terms("regression_kd"), "values"),
    ],
)
def test_a_term_that_cannot_be_computed_is_refused_by_name(
    wrong: dict[str, TermSettings], message: str
) -> None:
    with pytest.raises(TrainError, match=message):
        parsed(wrong)


def test_what_reads_layers_is_known_before_training() -> None:
    assert reads_layers(terms("hint"))
    assert not reads_layers(terms("jeffreys"))


def test_learned_parts_train_with_the_student_and_stay_behind(tmp_path: Path) -> None:
    teacher, student = model(seed=5), model()
    objective = ObjectiveSettings.model_validate(
        {
            "alpha": 1.0,
            "divergence": "forward_kl",
            "temperature": 1.0,
            "hidden_weight": 0.0,
            "terms": {"hint": {"loss": "hint", "weight": 1.0}},
        }
    )
    source = LiveTeacher(teacher, layers=(0, 1))
    names = set(student.network.state_dict())
    record = fit(
        student, rows(), settings(), seed=1, work=tmp_path, key="k", objective=objective, signals=source
    )
    losses = [point.figures["hint"] for point in record.points]
    assert losses[-1] < losses[0]
    assert set(student.network.state_dict()) == names


def test_passes_do_not_change_a_term_of_single_rows(tmp_path: Path) -> None:
    teacher = model(seed=5)
    collect(teacher, rows(), tmp_path / "s", layers=(0, 1))
    store = SignalStore.open(tmp_path / "s", teacher.fingerprint())
    objective = ObjectiveSettings.model_validate(
        {
            "alpha": 0.5,
            "divergence": "forward_kl",
            "temperature": 1.0,
            "hidden_weight": 0.0,
            "terms": {"tv": {"loss": "total_variation", "weight": 1.0}},
        }
    )
    learner = Learner(model().network, objective, store)
    learner.size(collate(rows()[:1]))
    whole = learner(collate(rows())).total
    parts = sum(learner(collate(rows()[start : start + 12])).total for start in range(0, 48, 12))
    torch.testing.assert_close(whole, parts, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("loss", ["attention_kl", "attention_alignment"])
@pytest.mark.parametrize("heads", ["mean", "each"])
def test_a_term_on_attention_counts_each_position_once(loss: str, heads: str) -> None:
    kept = EXACT.model_copy(
        update={"attention": AttentionSettings(layers=(0, 1), heads=heads, precision="float16")}
    )
    teacher, student = model(seed=5), model()
    objective = ObjectiveSettings.model_validate(
        {
            "alpha": 1.0,
            "divergence": "forward_kl",
            "temperature": 1.0,
            "hidden_weight": 0.0,
            "terms": {"look": {"loss": loss, "weight": 1.0}},
        }
    )
    learner = Learner(student.network, objective, LiveTeacher(teacher, kept))
    given = rows()[:6]
    with tappable(student.network):
        learner.size(collate(given[:1]))
        padded, packed = (learner(lay(given)).terms["look"] for lay in (collate, pack))
        single = sum(learner(collate([row])).terms["look"] for row in given)
    torch.testing.assert_close(padded, single, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(packed, single, rtol=1e-4, atol=1e-5)
    row = given[0]
    maps = [
        m.network.set_attn_implementation("eager")
        or torch.stack(m.network(torch.from_numpy(row.ids)[None], output_attentions=True).attentions, 1)
        for m in (student, teacher)
    ]
    queries = [m[..., row.start - 1 : -1, :-1] for m in maps]
    if heads == "mean":
        queries = [m.mean(2, keepdim=True) for m in queries]
    expected = LOSSES[loss](*queries).sum()
    with tappable(student.network):
        torch.testing.assert_close(
            learner(collate([row])).terms["look"], expected.detach(), rtol=2e-3, atol=1e-5
        )


def test_attention_is_learned(tmp_path: Path) -> None:
    kept = EXACT.model_copy(
        update={"attention": AttentionSettings(layers=(1,), heads="each", precision="uint8")}
    )
    objective = ObjectiveSettings.model_validate(
        {
            "alpha": 1.0,
            "divergence": "forward_kl",
            "temperature": 1.0,
            "hidden_weight": 0.0,
            "terms": {"look": {"loss": "attention_kl", "weight": 3.0}},
        }
    )
    student = model()
    source = LiveTeacher(model(seed=5), kept)
    record = fit(
        student, rows(), settings(), seed=1, work=tmp_path, key="k", objective=objective, signals=source
    )
    looks = [point.figures["look"] for point in record.points]
    assert looks[-1] < looks[0]


def test_rows_without_the_teachers_layers_are_dropped() -> None:
    """A teacher with another tokenizer has no state at some rows."""
    known = torch.tensor([True, False, True, True, False, False, True, True, True])
    whole = seen(weights=torch.rand(ROWS))
    assert whole.layers is not None
    assert whole.teacher_layers is not None
    assert whole.weights is not None
    holes = whole._replace(
        paired=known, teacher_layers=whole.teacher_layers.masked_fill(~known[None, :, None], torch.nan)
    )
    dropped = whole._replace(
        layers=whole.layers[:, known],
        teacher_layers=whole.teacher_layers[:, known],
        targets=whole.targets[known],
        hidden=whole.hidden[known],
        weights=whole.weights[known],
        lengths=(2, 1, 3),
    )
    for loss in ("hint", "hidden_mse"):
        torch.manual_seed(0)
        module = FurtherTerms(terms(loss), whole)
        torch.testing.assert_close(module(holes, 0, 1)[0], module(dropped, 0, 1)[0])

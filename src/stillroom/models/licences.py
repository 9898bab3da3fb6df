"""What the licences of known models ask of who distils from them. Facts to show, not legal advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Licence:
    """The terms of a model, as far as a student is concerned.

    Attributes:
        name: short name, as on the model's page.
        url: the full text.
        teaches: families of licences that a student may have which learns from the model; empty where any may.
        duties: what its use asks of the student and of who passes it on.
        forbids: uses that it does not allow; empty where it names none that matters here.
    """

    name: str
    url: str
    teaches: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    forbids: str = ""


_LLAMA_NAME = (
    "pass the licence on and show 'Built with Llama'",
    "a distributed student's name begins with 'Llama' (section 1.b.i)",
)

LICENCES: Mapping[str, Licence] = {
    licence.name: licence
    for licence in (
        Licence(
            "apache-2.0",
            "https://www.apache.org/licenses/LICENSE-2.0",
            duties=("keep the notices",),
        ),
        Licence(
            "llama3",
            "https://github.com/meta-llama/llama3/blob/main/LICENSE",
            teaches=("llama3",),
            duties=("pass the licence on and show 'Built with Meta Llama 3' (section 1.b.i)",),
            forbids="improving any large language model but Meta Llama 3 and its derivatives (section 1.b.v)",
        ),
        Licence(
            "llama3.1",
            "https://github.com/meta-llama/llama-models/blob/main/models/llama3_1/LICENSE",
            duties=_LLAMA_NAME,
        ),
        Licence(
            "llama3.2",
            "https://github.com/meta-llama/llama-models/blob/main/models/llama3_2/LICENSE",
            duties=_LLAMA_NAME,
        ),
        Licence(
            "health-ai-developer-foundations",
            "https://developers.google.com/health-ai-developer-foundations/terms",
            duties=(
                "what is based on it is a Model Derivative: pass the terms and their restrictions on, with a notice",
            ),
            forbids="clinical use without the authorisation of the health regulator",
        ),
        Licence(
            "gemma",
            "https://ai.google.dev/gemma/terms",
            duties=(
                "a distilled student is a Model Derivative: pass the terms and their restrictions on, with a notice",
            ),
            forbids="the uses of the Gemma prohibited use policy",
        ),
    )
}


def objections(teacher: Licence, student: Licence) -> tuple[str, ...]:
    """Say what in the teacher's terms may stand against a student.

    Args:
        teacher: terms of the teacher.
        student: terms of the model that the student starts from.

    >>> objections(LICENCES["llama3"], LICENCES["llama3.2"])[0][:43]
    'llama3 forbids improving any large language'
    >>> objections(LICENCES["llama3.1"], LICENCES["llama3.2"])
    ()
    """
    if not teacher.teaches or student.name in teacher.teaches:
        return ()
    return (f"{teacher.name} forbids {teacher.forbids}; the student is {student.name}",)

"""What the gates come to: one word, an exit code, and the document that a bundle carries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from stillroom.types import Evidence, Gate, Verdict
from stillroom.types.files import fingerprint
from stillroom.validate.disclosure import disclosed

VERDICT_FILE = "verdict.json"

EXIT_CODES: Mapping[Verdict | None, int] = {
    None: 0,
    "pass": 0,
    "fail": 3,
    "infeasible": 3,
    "not_demonstrated": 4,
}
"""Of ``stillroom validate``: 0 where every gate passed or none was set, 3 where one failed, 4 where one is open."""

_ORDER: tuple[Verdict, ...] = ("fail", "infeasible", "not_demonstrated", "pass")


def outcome(gates: Iterable[Gate]) -> Verdict | None:
    """The worst verdict of the gates that decide, or None where there are none.

    >>> outcome([])
    """
    verdicts = {gate.verdict for gate in gates if gate.decides}
    return next((verdict for verdict in _ORDER if verdict in verdicts), None)


def exit_code(evidence: Evidence) -> int:
    """What a command that measured this evidence ends with."""
    return EXIT_CODES[outcome(evidence.gates)]


def verdict_document(evidence: Evidence) -> dict[str, Any]:
    """Write down what the gates said, and of which evidence, to go with the files that were measured."""
    return {
        "verdict": outcome(evidence.gates) or "no gates were set",
        "tiers": sorted({gate.tier for gate in evidence.gates if gate.tier}),
        "gates": [asdict(gate) for gate in evidence.gates],
        "disclosed": disclosed(evidence),
        "evidence_sha256": fingerprint(evidence.to_dict()),
    }

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stillroom.data.prepare.stages.deidentify.spans import KINDS, Span, settle

SPANS = st.lists(
    st.builds(
        lambda start, size, kind: Span(start, start + size, kind),
        st.integers(0, 50),
        st.integers(1, 20),
        st.sampled_from(KINDS),
    )
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SPANS)
def test_settled_spans_cover_the_same_places_once(spans: list[Span]) -> None:
    settled = settle(spans)
    assert {place for span in spans for place in range(span.start, span.stop)} == {
        place for span in settled for place in range(span.start, span.stop)
    }
    assert all(left.stop <= right.start for left, right in pairwise(settled))


def test_of_equal_places_the_more_telling_kind_wins() -> None:
    assert settle([Span(0, 5, "number"), Span(0, 5, "mrn")]) == [Span(0, 5, "mrn")]

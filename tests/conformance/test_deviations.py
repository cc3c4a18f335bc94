"""Known deviations: what is put up with, for how long, and what is told when it is over."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.clauses import clause
from conformance.deviations import Deviation, DeviationsError, deviations_in
from conformance.verdict import Exit, Standing, Verdict
from tests.conformance.outcomes import TODAY, deviation, known, outcome, written

SOLD_ONCE = "BK-CREATE-005"
GONE_SLOT = "BK-CREATE-006"
"""A SHOULD."""


def judged(path: Path, *entries: dict[str, str], strict: bool = False, **how: object) -> Verdict:
    verdict = outcome(**how).verdict  # type: ignore[arg-type]
    return replace(verdict, strict=strict).knowing(known(path / "known.yaml", *entries), TODAY)


def test_what_is_known_does_not_fail_the_run(tmp_path: Path) -> None:
    verdict = judged(tmp_path, deviation(SOLD_ONCE), broken=[SOLD_ONCE])
    assert verdict.exit_code() == Exit.CONFORMS
    assert verdict.known == {SOLD_ONCE}
    assert verdict.broken == []
    assert "; conforms to core but for what is known: " in verdict.headline
    assert " MUST (1 known to deviate); " in verdict.headline


def test_what_else_is_broken_still_does(tmp_path: Path) -> None:
    verdict = judged(tmp_path, deviation(SOLD_ONCE), broken=[SOLD_ONCE, "BK-CREATE-004"])
    assert verdict.exit_code() == Exit.BROKEN
    assert [each.clause.id for each in verdict.broken] == ["BK-CREATE-004"]
    assert "; does not conform to core: " in verdict.headline
    assert " MUST (1 known to deviate); " in verdict.headline


@pytest.mark.parametrize(
    ("expires", "standing", "code"),
    [
        (TODAY, Standing.KNOWN, Exit.CONFORMS),
        (TODAY - timedelta(days=1), Standing.EXPIRED, Exit.BROKEN),
    ],
)
def test_it_counts_again_the_day_after_it_expires(
    expires: date, standing: Standing, code: int, tmp_path: Path
) -> None:
    verdict = judged(tmp_path, deviation(SOLD_ONCE, expires=expires.isoformat()), broken=[SOLD_ONCE])
    assert [*(verdict.standings or {}).values()] == [standing]
    assert verdict.exit_code() == code


def test_one_that_is_gone_is_told_and_counts_when_strict(tmp_path: Path) -> None:
    verdict = judged(tmp_path, deviation(SOLD_ONCE))
    assert [each.clause.id for each in verdict.gone] == [SOLD_ONCE]
    assert verdict.exit_code() == Exit.CONFORMS
    assert judged(tmp_path, deviation(SOLD_ONCE), strict=True).exit_code() == Exit.BROKEN


def test_one_that_was_not_looked_at_is_not_called_gone(tmp_path: Path) -> None:
    verdict = judged(tmp_path, deviation(SOLD_ONCE), missed=[SOLD_ONCE])
    assert [*(verdict.standings or {}).values()] == [Standing.NOT_SEEN]
    assert verdict.exit_code() == Exit.INCOMPLETE  # what is not known to be kept is no deviation


def test_a_should_can_be_known_too(tmp_path: Path) -> None:
    assert judged(tmp_path, broken=[GONE_SLOT], strict=True).exit_code() == Exit.BROKEN
    verdict = judged(tmp_path, deviation(GONE_SLOT), broken=[GONE_SLOT], strict=True)
    assert verdict.exit_code() == Exit.CONFORMS


@given(
    expires=st.dates(date(2026, 1, 1), date(2027, 1, 1)), today=st.dates(date(2026, 1, 1), date(2027, 1, 1))
)
def test_it_is_put_up_with_until_the_day_it_expires(expires: date, today: date) -> None:
    each = Deviation(clause(SOLD_ONCE), "known", date(2026, 1, 1), expires)
    assert each.applies(today) == ((today - expires).days <= 0)


class TestFile:
    def test_reads_what_it_says(self, tmp_path: Path) -> None:
        (found,) = known(tmp_path / "known.yaml", deviation(SOLD_ONCE, reason="a race, BUG-17"))
        assert found.clause.id == SOLD_ONCE
        assert found.reason == "a race, BUG-17"
        assert (found.first_seen, found.expires) == (date(2026, 1, 1), date(2026, 12, 31))

    def test_may_be_empty(self, tmp_path: Path) -> None:
        assert known(tmp_path / "known.yaml") == ()

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"clause": "BK-NONE-001"}, "deviations[0].clause: 'BK-NONE-001': there is no such clause"),
            ({"clause": "[1]"}, "deviations[0].clause: '[1]': there is no such clause"),
            ({"reason": "''"}, "deviations[0].reason: expected a sentence, got ''"),
            ({"reason": "3"}, "deviations[0].reason: expected a sentence, got 3"),
            ({"expires": "soon"}, "deviations[0].expires: expected a date like 2026-03-31, got 'soon'"),
            (
                {"expires": "2026-01-01T10:00:00Z"},
                "deviations[0].expires: expected a date like 2026-03-31, got datetime",
            ),
            ({"expires": "2025-12-31"}, "deviations[0].expires: 2025-12-31 is before first_seen, 2026-01-01"),
            ({"until": "2026-01-01"}, "deviations[0].until: there is no such key; expected clause, reason"),
        ],
    )
    def test_names_what_is_wrong_with_an_entry(
        self, change: dict[str, str], told: str, tmp_path: Path
    ) -> None:
        with pytest.raises(DeviationsError) as error:
            known(tmp_path / "known.yaml", {**deviation(SOLD_ONCE), **change})
        assert str(error.value).startswith(f"{tmp_path / 'known.yaml'}: {told}")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "expected `version: 1` and a list `deviations`, got nothing"),
            ("- a", "expected `version: 1` and a list `deviations`, got list"),
            ("deviations: []", "version: expected 1, got nothing"),
            ("version: 2", "version: expected 1, got 2"),
            ("version: 1\ndeviations: {}", "deviations: expected a list, got dict"),
            ("version: 1\ndeviations: [BK-CREATE-005]", "deviations[0]: expected clause, reason, first_seen"),
            ("version: 1\ndeviations: [{}]", "deviations[0]: `clause` is missing"),
            ("version: 1\nknown: []", "known: there is no such key; expected version, deviations"),
            ("version: [", "is no YAML: "),
            ("version: !!python/object/apply:os.getcwd []", "is no YAML: "),
            ("version: 9999-99-99", "is no YAML: "),
            ("\x00", "is no YAML: "),
        ],
    )
    def test_names_what_is_wrong_with_the_file(self, text: str, told: str, tmp_path: Path) -> None:
        path = tmp_path / "known.yaml"
        path.write_text(text)
        with pytest.raises(DeviationsError) as error:
            deviations_in(path)
        assert str(error.value).startswith(f"{path}: {told}")

    def test_tells_every_problem_at_once(self, tmp_path: Path) -> None:
        twice = deviation(SOLD_ONCE)
        with pytest.raises(DeviationsError) as error:
            known(tmp_path / "known.yaml", twice, twice, deviation("BK-NONE-001"))
        assert len(str(error.value).splitlines()) == 2
        assert "deviations[1].clause: BK-CREATE-005 is listed twice" in str(error.value)

    def test_aliases_that_multiply_are_no_danger(self, tmp_path: Path) -> None:
        path = written(tmp_path / "known.yaml")
        bomb = "a0: &a0 [x]\n" + "".join(
            f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
        )
        path.write_text(f"{bomb}version: *a11\ndeviations: [*a11]\n")
        with pytest.raises(DeviationsError, match="version: expected 1, got"):
            deviations_in(path)

    def test_has_to_be_there_and_not_too_large(self, tmp_path: Path) -> None:
        with pytest.raises(DeviationsError, match="No such file"):
            deviations_in(tmp_path / "none.yaml")
        large = tmp_path / "large.yaml"
        large.write_text("#" * 1_100_000)
        with pytest.raises(DeviationsError, match="more than 1048576 bytes"):
            deviations_in(large)

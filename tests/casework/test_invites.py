"""Joining by a one-time code."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.invites import make_invite, redeem
from casework.outcome import Outcome
from casework.records import Invite, Person
from tests.casework.world import GRANNY, MONDAY, POLICY, WANG, Book

INVITED = replace(WANG, status="invited")


def made(
    book: Book, *, inviter: str | None = "li", child: str | None = None, who: Person = INVITED
) -> Invite:
    former = book.all(Invite)
    book.keep(
        make_invite(
            who.id,
            digest="digest",
            inviter=inviter,
            child=child,
            policy=POLICY,
            now=MONDAY,
            new_id=book.new_id,
            former=former,
        )
    )
    return book.all(Invite)[-1]


def join(invite: Invite, who: Person = INVITED, days: float = 1) -> Outcome | str:
    now = MONDAY + timedelta(days=days)
    return redeem(invite, person=who, address="telegram:12345", now=now, policy=POLICY)


def test_the_code_makes_the_person_a_member_and_its_inviter_hears_of_it() -> None:
    book = Book()
    outcome = join(made(book))
    assert isinstance(outcome, Outcome)
    used, joined = outcome.records
    assert (used.status, joined.status, joined.id) == ("used", "joined", "wang")
    assert [(n.to, n.kind, n.values) for n in outcome.notices] == [("li", "invite_used", {"person": "wang"})]
    assert [e.name for e in outcome.events] == ["invite_used", "person_joined"]


def test_no_event_holds_the_address() -> None:
    outcome = join(made(Book()))
    assert isinstance(outcome, Outcome)
    assert "12345" not in repr(outcome.events)


def test_an_invite_from_the_command_line_tells_nobody() -> None:
    outcome = join(made(Book(), inviter=None))
    assert isinstance(outcome, Outcome)
    assert outcome.notices == ()


def test_a_code_works_once() -> None:
    book = Book()
    invite = made(book)
    outcome = join(invite)
    assert isinstance(outcome, Outcome)
    book.keep(Outcome(records=outcome.records[:1]))
    assert join(book.one(Invite)) == "used"


def test_a_code_expires() -> None:
    invite = made(Book())
    assert isinstance(join(invite, days=6.99), Outcome)
    assert join(invite, days=7) == "expired"


def test_a_newer_code_voids_the_older() -> None:
    book = Book()
    first = made(book)
    made(book)
    assert [i.status for i in book.all(Invite)] == ["void", "open"]
    old = book.records[("invite", first.id)]
    assert isinstance(old, Invite)
    assert join(old) == "void"


def test_a_suspended_person_does_not_come_back_by_a_code() -> None:
    assert join(made(Book()), replace(WANG, status="suspended")) == "suspended"


def test_who_had_left_may_join_again() -> None:
    assert isinstance(join(made(Book()), replace(WANG, status="left")), Outcome)


def test_a_guardian_is_bound_to_the_child_that_the_code_was_made_for() -> None:
    invited = replace(GRANNY, cares_for=("2999",))
    outcome = join(made(Book(), child="3001", who=GRANNY), invited)
    assert isinstance(outcome, Outcome)
    (joined,) = (r for r in outcome.records if isinstance(r, Person))
    assert joined.cares_for == ("2999", "3001")


def test_another_persons_code_is_never_taken() -> None:
    with pytest.raises(ValueError, match="another person"):
        join(made(Book()), GRANNY)

"""The coming days of the posts: leaves that begin and end, who falls silent, which posts are vacant."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from casework.absence import asleep
from casework.access import reader_of, sees
from casework.calendar import local_day
from casework.circles import Around, is_away, stand_in
from casework.forecast_child import OneChild
from casework.forecast_run import Books, Run
from casework.matters import Around as AroundChild
from casework.outcome import Outcome
from casework.posts import Unattended, attending, counties_of, vacant_posts
from casework.record import replace
from casework.records import Escalation, Person, Referral, Vacancy
from casework.referrals import WITH_CONTACT
from casework.settling import Case, concerns, settled, standing
from casework.silence import fallen_silent
from casework.turns import as_if_here, is_by_post, turn_of, turns_moved
from casework.vacancies import looked, next_look, told_to


class Posts:
    """Plays the children's days, stopping wherever the clock looks at somebody or at all posts."""

    def __init__(self, run: Run, players: Sequence[OneChild], books: Books) -> None:
        self._run, self._players, self._children = run, players, books.children
        self._by_child = {player.child.id: player for player in players}
        self._areas = {area.id: area for area in books.areas}
        self._vacancies = {v.id: v for v in books.vacancies}
        self._wakes = {r.id: r.wake_at for r in (*books.people, *books.areas) if r.wake_at is not None}

    def play(self) -> None:
        """All days."""
        while (moment := self._next()) is not None and moment < self._run.end:
            for player in self._players:
                player.play(moment)
            self._at(moment)
        for player in self._players:
            player.play(self._run.end)

    def _next(self) -> datetime | None:
        waiting = [v.wake_at for v in self._vacancies.values() if v.wake_at is not None]
        first = min((*self._wakes.values(), *waiting), default=None)
        return None if first is None else max(first, self._run.start)

    def _at(self, now: datetime) -> None:
        due = sorted((at, id) for id, at in self._wakes.items() if at <= now)
        vacant = {v.county for v in self._vacancies.values() if v.wake_at is not None and v.wake_at <= now}
        for county in vacant - {id for _, id in due}:
            self._look(county, now)
        for _, id in due:
            del self._wakes[id]
            if id in self._run.known:
                self._settle(self._run.known[id], now)
            else:
                self._look(id, now)

    def _settle(self, person: Person, now: datetime) -> None:
        """As the bot does it for somebody (`settled`); the posts are looked at soon after."""
        run, today = self._run, local_day(now, self._run.policy)
        stands = standing(person, today)
        cases = [
            Case(escalation=e, circle=run.circle(player.child, now))
            for player in self._players
            for e in player.escalations()
            if concerns(e, person, stands)
        ]
        deputy = run.known.get(stand_in(person) or "") if stands in ("begins", "over") else None
        if deputy is not None and (deputy.status != "joined" or is_away(deputy, today)):
            deputy = None
        self._take(settled(person, cases, deputy=deputy, policy=run.policy, now=now), now)
        if stands in ("begins", "gone"):
            self._take(self._handed_on(run.known[person.id], deputy, now), now)
        at = now + timedelta(minutes=run.policy.posts.gather_minutes)
        for county in counties_of(person, self._areas):
            self._wakes[county] = min(self._wakes.get(county, at), at)

    def _handed_on(self, person: Person, deputy: Person | None, now: datetime) -> Outcome:
        """Who has the turn instead of him, and the referrals for which another contact is to be found."""
        run, here = self._run, as_if_here(person)
        reader, turns, left = reader_of(here), Counter[str](), []
        for player in self._players:
            mine = [one for one in player.turns() if sees(reader, one, player.child)]
            if not mine:
                continue
            today, his = (
                AroundChild(
                    child=player.child, circle=circle, policy=run.policy, now=now, new_id=run.new_id
                )
                for circle in (
                    run.circle(player.child, now), run.around(player.child, now, here).circle(player.child),
                )
            )  # fmt: skip
            contacts = run.contacts(player.child, now)
            for one in mine:
                if is_by_post(one, person, his):
                    turns.update(turn_of(one, today, contacts))
                asked = isinstance(one, Referral) and one.status in WITH_CONTACT and one.person == person.id
                if asked and all(contact.holder.id != person.id for contact in contacts):
                    left.append(replace(one, wake_at=now))
        to = [run.known[id] for id in sorted(turns) if deputy is None or id != deputy.id]
        return Outcome(records=tuple(left), notices=turns_moved(person, to, policy=run.policy, now=now))

    def _look(self, county: str, now: datetime) -> None:
        """As the bot looks at the posts of a county; where all is answered, nobody falls silent."""
        run = self._run
        if county not in self._areas:
            return
        if run.course == "silent":
            open_ones = [e for p in self._players if p.child.county == county for e in p.escalations()]
            self._take(fallen_silent(run.known, open_ones, back=None, policy=run.policy, now=now), now)
        self._take(asleep(run.known.values(), now), now)
        around = Around(held={}, known=run.known, today=local_day(now, run.policy))
        here = attending(run.known.values(), around)
        alone = Counter(
            (child.village, child.worker)
            for child in self._children
            if child.status == "active" and child.worker not in here
        )
        unattended = [
            Unattended(village=village, worker=worker, count=number)
            for (village, worker), number in alone.items()
        ]
        outcome = looked(
            vacant_posts(county, areas=self._areas, around=around, unattended=unattended),
            known=[v for v in self._vacancies.values() if v.county == county],
            to=told_to(county, self._areas, around), policy=run.policy, now=now,
        )  # fmt: skip
        self._take(outcome, now)
        self._wakes[county] = next_look(run.policy, now)

    def _take(self, outcome: Outcome, now: datetime) -> None:
        self._run.sent(outcome.notices, now)
        for record in outcome.records:
            if isinstance(record, Person):
                self._run.changed(record)
                self._wakes.pop(record.id, None)
                if record.wake_at is not None:
                    self._wakes[record.id] = record.wake_at
            elif isinstance(record, Vacancy):
                self._vacancies[record.id] = record
            elif isinstance(record, Escalation | Referral):
                self._by_child[record.child or ""].keep(record, now)

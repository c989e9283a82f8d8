"""People against a plain model of them: what they tap and type in any order, and what must be kept of it.

    python -m tests.storm.crowd [--steps 50000]

The conversations run in this process on a real SQLite store; hypothesis chooses the steps.
"""

import argparse
import contextlib
import sys
from copy import deepcopy
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from casework.access import CLOCK
from casework.auditing import Memory
from casework.records import Draft, Escalation, Submission, Talk
from tests.conversations.county import CHILD, OTHER, policy
from tests.storm.crowd_around import OPEN, SEEN, WORKER, Around
from tests.storm.crowd_model import DONE, FLAGS, MATTERS, PAUSE, QUESTIONS, Form, plain, told

STEPS_EACH = 50  # in one run from an empty county
CHILDREN = (CHILD.id, OTHER.id)

RAISED = ("escalation_opened", "flag_raised")


class Crowd(Around):
    """A worker with two telephones among them: any button that was ever shown may be tapped."""

    memory = Memory()  # the auditor's

    # The worker types

    @rule(child=st.sampled_from(CHILDREN))
    def begin(self, child: str) -> None:
        self.do(self.county.say(WORKER, f"/report {child}"))
        self.model.sure = None
        known = next((form for form in self.model.forms.values() if form.child == child), None)
        if known is None:
            found = self.do(self.county.store.find(CLOCK, Draft, status=("open",), person=WORKER))
            (new,) = [draft for draft in found if draft.id not in self.model.forms]
            known = self.model.forms[new.id] = Form(
                draft=new.id, child=child, clock=lambda: self.county.now, moved_at=self.county.now
            )
        self.model.current = known.draft

    def _type(self, text: str) -> bool:
        """Type ``text``; False where it only answered whether the form is to be given up."""
        self.do(self.county.say(WORKER, text))
        asked, self.model.sure = self.model.sure, None
        if asked is not None and asked in self.model.forms:
            self.model.current = asked
        return asked is None

    @rule(child=st.sampled_from(CHILDREN), which=st.integers(0, 3), answers=st.integers(1, 5))
    def report(self, child: str, which: int, answers: int) -> None:
        """Begin, or go on, and answer so many questions."""
        self.begin(child)
        form = self.model.form
        for n in range(answers):
            if self.model.form is form is not None:
                self.answer_in_words((which + n) % 4, {n, which})

    @precondition(lambda self: self.model.form is not None)
    @rule(which=st.integers(0, 3), many=st.sets(st.integers(0, 4), min_size=1))
    def answer_in_words(self, which: int, many: set[int]) -> None:
        form = self.model.form
        assert form is not None
        self.words += 1
        question = QUESTIONS[form.at]
        texts = {
            "matter": (str(which + 1), MATTERS[which]),
            "since": (("今天", "昨天")[which % 2], (self._day(which % 2))),
            "words": (f"记录第{self.words}号", f"记录第{self.words}号"),
            "done": (" ".join(str(n + 1) for n in sorted(many)), {DONE[n] for n in many}),
            "review": ("提交", None),
        }
        text, value = texts[question]
        if not self._type(text) or self._put_again(form):
            return
        self.seen["answers in words"] += 1
        if question == "review":
            self._handed_in(form)
        else:
            form.answer(value)

    def _put_again(self, form: Form) -> bool:
        """Whether the words were no answer: the question had been put long ago, and is put once more."""
        shown = self.county.phones[WORKER].shown
        again = QUESTIONS[form.at] == "words" and "您有一份没填完的" in shown[-1].message.text
        if again:
            self.seen["words after a long pause"] += 1
            assert self.county.now - form.moved_at > PAUSE
        return again

    @precondition(lambda self: self.model.form is not None and self.model.form.at != 2)
    @rule()
    def answer_nonsense(self) -> None:
        self._type("乱写的")

    @precondition(lambda self: self.model.form is not None)
    @rule()
    def say_back(self) -> None:
        form = self.model.form
        assert form is not None
        if self._type("上一题"):
            form.to(max(form.at - 1, 0))

    @precondition(lambda self: self.model.form is not None and self.model.form.step > 1)
    @rule(really=st.integers(0, 3).map(lambda n: n == 0), by_tap=st.booleans())
    def cancel(self, really: bool, by_tap: bool) -> None:
        form = self.model.form
        assert form is not None
        self.do(self.county.say(WORKER, "/cancel"))
        self.model.sure = form.draft
        if not really:
            return
        self.model.sure = None
        if by_tap:
            self.do(self.county.tap(WORKER, self.county.desk.words.say("zh_Hans", "cancel.yes")))
        else:
            self.do(self.county.say(WORKER, "是"))
        del self.model.forms[form.draft]
        self.model.current = None
        self.seen["given up"] += 1

    @rule(text=st.sampled_from(("改过", "2", "昨天", "提交", "/cancel", "是")))
    def edit(self, text: str) -> None:
        """An own message is edited: nothing changes by that, and the worker is told so."""
        before = len(self.county.phones[WORKER].shown)
        self._bring(kind="edited", text=text, message="m1")
        assert len(self.county.phones[WORKER].shown) == before + 1
        self.seen["edits"] += 1

    @rule()
    def ask_for_help(self) -> None:
        self.do(self.county.say(WORKER, "/help"))
        self.model.sure = None

    # The worker taps: any button that was ever shown, on either telephone

    def _buttons(self) -> list[tuple[str, str]]:
        """The tokens of form buttons on the screen, with their messages, oldest first."""
        found = []
        for shown in self.county.phones[WORKER].shown:
            for row in shown.message.buttons:
                found += [(b.token, shown.id) for b in row if b.token.startswith("f|")]
        return [(token, id) for token, id in found if token.split("|")[3] not in ("e",)]

    @precondition(lambda self: self.model.form is not None and self._buttons())
    @rule(at=st.lists(st.integers(0, 10**6), min_size=1, max_size=6))
    def tap_on(self, at: list[int]) -> None:
        """One newest button after the other."""
        for one in at:
            self.tap(one, 1, True)

    @precondition(lambda self: self._buttons())
    @rule(at=st.integers(0, 10**6), times=st.integers(1, 2), newest=st.booleans())
    def tap(self, at: int, times: int, newest: bool) -> None:
        buttons = self._buttons()
        if newest:
            last = buttons[-1][1]
            buttons = [button for button in buttons if button[1] == last]
        token, message = buttons[at % len(buttons)]
        for _ in range(times):
            self._bring(kind="tap", token=token, message=message)
            self._tapped(token)

    @precondition(lambda self: self.model.form is not None and self._buttons())
    @rule(first=st.integers(0, 10**6), second=st.integers(0, 10**6))
    def tap_on_two_phones_at_once(self, first: int, second: int) -> None:
        """Two telephones of one account show the same buttons; either tap may be the quicker."""
        buttons = self._buttons()
        newest = [button for button in buttons if button[1] == buttons[-1][1]]
        chosen = [newest[at % len(newest)] for at in (first, second)]
        sayings = [self.county.said(WORKER, kind="tap", token=t, message=m) for t, m in chosen]
        self.do(self._at_once(*sayings))
        self.seen["two phones at once"] += 1
        before = self.model
        for order in (chosen, chosen[::-1]):
            self.model = deepcopy(before)
            for token, _ in order:
                self._tapped(token)
            with contextlib.suppress(AssertionError):
                self.do(self._compare())
                return  # so it was

    def _tapped(self, token: str) -> None:
        _, draft, step, what, _ = token.split("|")
        form = self.model.forms.get(draft)
        if form is None:
            self.seen["taps on what is over"] += 1
            return  # handed in, or given up
        if draft != self.model.current or int(step) != form.step:
            self.seen["stale taps"] += 1
            self.model.current = self.model.current or draft  # explained; the question is put again
            return
        self.model.sure = None
        self.seen["good taps"] += 1
        kind, rest = what[0], what[1:]
        number = int(rest.partition("-")[0] or 0)
        question = QUESTIONS[form.at]
        if kind in ("m", "o", "p", "y"):
            if kind == "y" and rest <= self._day(0):  # the others: another month, its title, another page
                form.answer(rest)
        elif kind == "b":
            form.to(max(form.at - 1, 0))
        elif kind == "l":
            form.to(len(QUESTIONS) - 1)
        elif kind == "s":
            form.go_on()
        elif kind == "x":
            self._handed_in(form)
        elif kind == "t":
            form.answer(self._day(number))
        elif question == "matter":
            form.answer(MATTERS[number])
        else:
            self._ticked(form, kind, number)

    @staticmethod
    def _ticked(form: Form, kind: str, number: int) -> None:
        if kind == "d":
            if form.ticked:
                form.answer(set(form.ticked))
        elif kind == "c":
            form.ticked.add(DONE[number])
        else:
            form.ticked.discard(DONE[number])

    def _day(self, ago: int) -> str:
        return (self.county.desk.today(self.county.now) - timedelta(days=ago)).isoformat()

    def _handed_in(self, form: Form) -> None:
        self.model.reports.append({"child": form.child, **form.answers})
        self.seen["reports handed in"] += 1
        del self.model.forms[form.draft]
        self.model.current = None
        matter = form.answers["matter"]
        self.model.alerts.add((form.child, FLAGS.get(matter, matter)))

    # What must hold at all times

    @invariant()
    def the_store_says_what_the_model_says(self) -> None:
        self.do(self._compare())

    @invariant()
    def the_auditor_finds_nothing_wrong_in_a_lawful_life(self) -> None:
        picture = self.do(self.county.store.audited(self.county.now, policy().audit, self.memory))
        assert not any(picture.wrong.values()), picture.wrong
        self.memory = picture.memory

    async def _compare(self) -> None:
        store, model = self.county.store, self.model
        drafts = {d.id: d for d in await store.find(CLOCK, Draft, status=("open",), person=WORKER)}
        assert drafts.keys() == model.forms.keys()
        for id, form in model.forms.items():
            assert (drafts[id].step, drafts[id].child) == (form.step, form.child), (form, drafts[id])
        talk = await store.get(CLOCK, Talk, WORKER)
        assert (talk.draft if talk is not None else None) == model.current
        kept = await store.find(CLOCK, Submission, person=WORKER)
        assert sorted(map(plain, kept)) == sorted(map(told, model.reports))
        opened = await store.find(CLOCK, Escalation, status=OPEN)
        alerts = [
            e for e in opened if any(d.by and d.name in RAISED for d in e.story)
        ]  # the clock raises too
        assert sorted((e.child or "", e.flag) for e in alerts) == sorted(model.alerts)
        assert all(e.wake_at is not None for e in alerts)


def play(steps: int) -> None:
    """So many steps; raises where model and store part."""
    chosen = settings(
        max_examples=max(steps // STEPS_EACH, 1), stateful_step_count=STEPS_EACH, deadline=None,
        database=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,),
    )  # fmt: skip
    run_state_machine_as_test(Crowd, settings=chosen)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.storm.crowd", description="People against a model."
    )
    parser.add_argument("--steps", type=int, default=50_000)
    steps = parser.parse_args().steps
    play(steps)
    print(f"{steps} steps, model and store agree: " + ", ".join(f"{n} {what}" for what, n in SEEN.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A county's policy file as one value."""

from collections.abc import Mapping
from typing import Literal, cast
from zoneinfo import ZoneInfo

from pydantic import Field

from casework.policy_access import FloodRules, FormRules, InviteRules, PinRules, Privacy, StrangerRules
from casework.policy_audit import AuditRules
from casework.policy_base import Labelled, Rule
from casework.policy_calendar import County, Period, QuietHours, Year
from casework.policy_categories import CategoryRules
from casework.policy_clocks import ClockRule
from casework.policy_files import FileRules
from casework.policy_ladders import FlagRule, Hotline, Ladder
from casework.policy_life import Age, AgeRule, ClosingRules, MovingRules, ParentsBackRules, ReopeningRules
from casework.policy_matters import MatterRule, MatterRules, Schooling
from casework.policy_messages import MessageRules
from casework.policy_national import NationalRules
from casework.policy_posts import OwnQuietRules, PostRules
from casework.policy_referrals import ConferenceRules, Department, ReferralField, ReferralRule
from casework.policy_rests import Term
from casework.policy_staff import StaffRules
from casework.policy_summary import SummaryRules
from casework.policy_visits import CheckInRules, VisitRules
from casework.records import Role, Urgency

FALLBACK = "default"


class Policy(Rule):
    """A county's rules as one value; `casework.policy.load_policy` makes it."""

    county: County
    calendar: Mapping[str, Year] = Field(default_factory=dict)
    periods: Mapping[str, Period] = Field(default_factory=dict)
    terms: Mapping[str, Term] = Field(default_factory=dict)
    roles: Mapping[Role, Labelled]
    quiet_hours: Mapping[Role | Literal["default"], QuietHours]
    hotlines: Mapping[str, Hotline]
    visits: VisitRules
    flags: Mapping[str, FlagRule]
    ladders: Mapping[str, Ladder]
    clocks: Mapping[Urgency, ClockRule]
    matters: MatterRules
    schooling: Schooling
    departments: Mapping[str, Department]
    referral_fields: Mapping[str, ReferralField]
    referrals: Mapping[str, ReferralRule]
    conference: ConferenceRules
    summary: SummaryRules
    national: NationalRules
    categories: CategoryRules
    closing: ClosingRules
    reopening: ReopeningRules
    ages: Mapping[Age, AgeRule]
    moving: MovingRules
    parents_back: ParentsBackRules
    checkins: CheckInRules
    posts: PostRules
    own_quiet: OwnQuietRules
    messages: MessageRules
    staff: StaffRules
    files: FileRules
    invites: InviteRules
    strangers: StrangerRules
    flood: FloodRules
    pin: PinRules
    audit: AuditRules
    forms: FormRules
    privacy: Privacy = Privacy()

    @property
    def timezone(self) -> str:
        """The county's time zone by name."""
        return self.county.timezone

    @property
    def zone(self) -> ZoneInfo:
        """The county's time zone."""
        return ZoneInfo(self.county.timezone)

    def quiet(self, role: str) -> QuietHours:
        """The quiet hours of a role, or those that hold for everybody."""
        hours = cast("Mapping[str, QuietHours]", self.quiet_hours)
        return hours.get(role, hours[FALLBACK])

    def flag(self, kind: str) -> FlagRule:
        """What a kind of flag does; kinds that the file does not name follow ``flags.default``."""
        return self.flags.get(kind, self.flags[FALLBACK])

    def matter(self, sort: str) -> MatterRule | None:
        """The rules of a sort of matter; None where the file has none (any more)."""
        return self.matters.sorts.get(sort)

    def ladder_of(self, kind: str, urgency: Urgency) -> str | None:
        """The ladder on which a flag goes up; None: it is written down and goes nowhere (notes)."""
        name = self.flag(kind).ladder.get(urgency, urgency)
        return name if name in self.ladders else None

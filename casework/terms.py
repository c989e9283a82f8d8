"""School terms, as the policy file knows them."""

from datetime import date

from casework.policy_models import Policy


def term_end(day: date, policy: Policy) -> date | None:
    """The last day of the school term that ``day`` lies in; None outside any term that is known."""
    ends = (term.end for term in policy.terms.values() if term.start <= day <= term.end)
    return min(ends, default=None)


def known_until(policy: Policy) -> date | None:
    """Up to which day school terms are known; None where none are."""
    return max((term.end for term in policy.terms.values()), default=None)

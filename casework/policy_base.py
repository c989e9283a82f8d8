"""What every table of a policy file has in common: no unknown key, a source, words to read."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Hour = Annotated[int, Field(ge=0, le=23)]
RiskLevel = Annotated[int, Field(ge=1, le=4)]


class Rule(BaseModel):
    """A table of the file. An unknown key is a fault: misspelt, it would silently do nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Sourced(Rule):
    """A table that holds numbers: ``source`` says which law, standard or decision they come from."""

    source: str = Field(min_length=4)


class Labelled(Rule):
    """A table with words that people read. Chinese stands in where a language has none of its own."""

    zh_Hans: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def label(self, language: str) -> str:
        """The words in ``language`` ("zh_Hans", "en")."""
        return self.en if language.startswith("en") else self.zh_Hans

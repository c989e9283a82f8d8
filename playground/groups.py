"""Groups: people add the bot, write in front of others, throw it out, and upgrade to a supergroup."""

from playground.people import Phone, membership
from playground.signals import Signal
from playground.view import ChatMessage, view
from playground.world import Chat, World


class Group:
    """A group chat; its id is negative."""

    def __init__(self, world: World, chat_id: int, title: str) -> None:
        if chat_id >= 0:
            raise ValueError(f"a group's id is negative, not {chat_id}")
        self._world = world
        self.title = title
        self.signal = Signal()
        card = {"id": chat_id, "type": "group", "title": title, "all_members_are_administrators": True}
        self.chat = Chat(id=chat_id, card=card, signals=[self.signal])
        world.chats[chat_id] = self.chat

    @property
    def messages(self) -> list[ChatMessage]:
        """What members see, oldest first."""
        return [view(record) for record in list(self.chat.records.values())]

    async def add_bot(self, by: Phone) -> None:
        """A member adds the bot."""
        self.chat.state = "open"
        self._tell(by, "left", "member")

    async def remove_bot(self, by: Phone) -> None:
        """A member throws the bot out."""
        self.chat.state = "kicked"
        self._tell(by, "member", "kicked")

    def _tell(self, by: Phone, before: str, after: str) -> None:
        update = membership(self._world, self.chat, by.user, before, after)
        self._world.updates.push("my_chat_member", update, lane=self.chat.id)
        self._world.touch(self.chat)

    async def upgrade(self, new_id: int) -> "Group":
        """The group becomes a supergroup with a new id; calls with the old one are told the new."""
        upgraded = Group(self._world, new_id, self.title)
        upgraded.chat.card["type"] = "supergroup"
        upgraded.chat.state = self.chat.state
        self.chat.state, self.chat.upgraded_to = "upgraded", new_id
        self._world.touch(self.chat)
        return upgraded

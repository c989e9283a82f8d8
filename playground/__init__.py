"""What if there were no Telegram: a stand-in Bot API server, phones, and the demonstration page."""

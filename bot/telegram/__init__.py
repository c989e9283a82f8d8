"""The Telegram channel: what comes from it and what goes to it; nothing outside this folder knows its API."""

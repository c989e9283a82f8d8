"""How big files may be, on the way in and on the way out."""

import aiohttp

from playground.people import Phone
from playground.server import StandIn
from tests.playground.conftest import TOKEN, Api


async def test_a_bot_may_download_20_megabytes_and_no_more(api: Api, server: StandIn) -> None:
    exact = server.world.files.keep("document", bytes(20 * 2**20), name="a.bin")
    over = server.world.files.keep("document", bytes(20 * 2**20 + 1), name="b.bin")
    assert (await api.ok("getFile", file_id=exact.file_id))["file_size"] == 20 * 2**20
    assert (await api("getFile", file_id=over.file_id))["description"] == "Bad Request: file is too big"


async def test_a_photo_over_10_megabytes_is_too_large(api: Api, server: StandIn, worker: Phone) -> None:
    form = aiohttp.FormData({"chat_id": "1001"})
    form.add_field("photo", b"\xff\xd8" + bytes(10 * 2**20), filename="big.jpg")
    async with api.session.post(f"{server.root}/bot{TOKEN}/sendPhoto", data=form) as response:
        assert (response.status, (await response.json())["description"]) == (413, "Request Entity Too Large")
    assert worker.messages == []

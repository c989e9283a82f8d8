"""Sounds and films without what telephones write into them: place, device, owner, titles."""

import io

import mutagen

_FILM = b"ftyp"  # how an MP4 or QuickTime file begins, after its first length
_INSIDE = (b"moov", b"trak")  # boxes whose own boxes are looked at
_ABOUT = (b"udta", b"meta", b"uuid")  # boxes that say where, when, by whom and with what it was taken


def cleaned(content: bytes) -> bytes:
    """The same sound or film without its tags; any other content as it is.

    A film keeps its length and all offsets: what told about it becomes free space.
    """
    if content[4:8] == _FILM:
        film = bytearray(content)
        _free(film, 0, len(film))
        return bytes(film)
    file = io.BytesIO(content)
    try:
        sound = mutagen.File(file)
        if sound is None:
            return content
        file.seek(0)
        sound.delete(file)
    except (mutagen.MutagenError, NotImplementedError):  # broken, or of a kind that has no tags
        return content
    return file.getvalue()


def _free(film: bytearray, start: int, end: int) -> None:
    """Empties the boxes between two places that are about the film."""
    while start + 8 <= end:
        size, kind = int.from_bytes(film[start : start + 4], "big"), bytes(film[start + 4 : start + 8])
        head = 8
        if size == 1:  # a long box
            size, head = int.from_bytes(film[start + 8 : start + 16], "big"), 16
        stop = end if size == 0 else start + size
        if size != 0 and not start + head <= stop <= end:
            return  # broken from here on
        if kind in _INSIDE:
            _free(film, start + head, stop)
        elif kind in _ABOUT:
            film[start + 4 : start + 8] = b"free"
            film[start + head : stop] = bytes(stop - start - head)
        start = stop

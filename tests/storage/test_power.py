"""A power cut at any sync loses nothing that was acknowledged; the long form: `make power-cut`."""

from pathlib import Path

from tests.storage import power

CUTS = 60

if power.is_there():

    def test_what_was_acknowledged_survives_a_power_cut_at_every_sync(tmp_path: Path) -> None:
        image = tmp_path / "image"
        image.mkdir()
        trace = power.record(tmp_path, 1.5)
        verdict = power.judge(trace, image, most=CUTS)
        assert verdict.faults == []
        assert verdict.cuts > 10
        assert verdict.acknowledged > 20
        careless = [line for n, line in enumerate(trace.open()) if n % 3 or "fdatasync" not in line]
        trace.write_text("".join(careless))
        assert power.judge(trace, image, most=CUTS).faults  # the same without every third sync is seen

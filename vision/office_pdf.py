"""Office files drawn as PDF by LibreOffice, where it is installed, confined to what it needs.

A file from outside may carry macros, links to the network and links to files of this machine. So LibreOffice runs in
namespaces of its own (``unshare`` of util-linux): without a network, with fonts, programs and a folder of its own as the
only files, with no key of the environment, and for a limited time. Its profile forbids macros and links besides.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from threading import Event

from config import Settings
from errors import ParseError

SECONDS = 300  # for one file; a busy machine takes a minute to start LibreOffice
MAX_PDF_MB = 200
_FILTERS = {  # every slide is a page, hidden ones too, and every sheet is one, however large
    "pptx": 'pdf:impress_pdf_Export:{"ExportHiddenSlides":{"type":"boolean","value":"true"}}',
    "odp": 'pdf:impress_pdf_Export:{"ExportHiddenSlides":{"type":"boolean","value":"true"}}',
    "xlsx": 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}',
    "ods": 'pdf:calc_pdf_Export:{"SinglePageSheets":{"type":"boolean","value":"true"}}',
    "docx": "pdf:writer_pdf_Export",
    "odt": "pdf:writer_pdf_Export",
    "rtf": "pdf:writer_pdf_Export",
}
KINDS = frozenset(_FILTERS)
_UNSHARE = ("unshare", "-rmnpf", "--kill-child", "--propagation", "private")
# $1 is where the files that are seen are put together, $2 the folder that may be written to
_CONFINE = """
set -eu
root=$1 work=$2; shift 2
mount -t tmpfs -o mode=755 none "$root"
cd /
for name in usr bin sbin lib lib32 lib64 opt/libreoffice* etc/fonts etc/ld.so.cache etc/libreoffice var/cache/fontconfig; do
    if [ -L "/$name" ]; then
        ln -s "$(readlink "/$name")" "$root/$name"
    elif [ -d "/$name" ]; then
        mkdir -p "$root/$name"
        mount --rbind "/$name" "$root/$name"
        mount -o remount,bind,ro "$root/$name"
    elif [ -e "/$name" ]; then
        mkdir -p "$root/${name%/*}"
        cp "/$name" "$root/$name"
    fi
done
mkdir -p "$root/dev" "$root/proc" "$root$work" "$root/tmp"
for name in null zero urandom random; do
    : > "$root/dev/$name"
    mount --bind "/dev/$name" "$root/dev/$name"
done
mount -t proc none "$root/proc"
mount --bind "$work" "$root$work"
exec chroot "$root" /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
"""
_LIMITS = 'ulimit -c 0; ulimit -t "$1"; ulimit -f "$2"; [ "$3" = 0 ] || ulimit -v "$3"; shift 3; exec "$@"'
_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>
"""
_ITEM = (
    '<item oor:path="/org.openoffice.{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
)
_SCRIPTING = "Office.Common/Security/Scripting"
_INTERNET = "Inet/Settings"
_SETTINGS = (
    (_SCRIPTING, "MacroSecurityLevel", "3"),
    (_SCRIPTING, "DisableMacrosExecution", "true"),
    (_SCRIPTING, "BlockUntrustedRefererLinks", "true"),
    # what asks for the network all the same is sent to a port at which nobody listens
    (_INTERNET, "ooInetProxyType", "2"),
    (_INTERNET, "ooInetHTTPProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPProxyPort", "9"),
    (_INTERNET, "ooInetHTTPSProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetHTTPSProxyPort", "9"),
    (_INTERNET, "ooInetFTPProxyName", "127.0.0.1"),
    (_INTERNET, "ooInetFTPProxyPort", "9"),
    (_INTERNET, "ooInetNoProxy", ""),
)


def can_draw(mode: str) -> bool:
    """Tell whether Office files can be drawn on this machine: ``mode`` is "no", "auto" (LibreOffice is here, and can be
    confined) or "yes" (LibreOffice is here)."""
    return mode != "no" and bool(shutil.which("soffice")) and (mode == "yes" or _confines())


def to_pdf(data: bytes, kind: str, settings: Settings, stop: Event | None = None) -> bytes:
    """Return the pages of an Office file as PDF: slides and sheets a page each, of texts the pages as printed.

    Args:
        data: the file.
        kind: of ``KINDS``.
        settings: ``office_pages``, and ``task_memory_mb`` limits the memory.
        stop: ends it.

    Raises:
        ParseError: LibreOffice is not there, cannot draw it, takes too long or was stopped.
    """
    program = shutil.which("soffice")
    if program is None or not can_draw(settings.office_pages):
        raise ParseError("Pages of Office files are drawn by LibreOffice, which is not installed or not to be used.")
    with tempfile.TemporaryDirectory(prefix="office-") as folder:
        work, root = Path(folder, "work"), Path(folder, "root")
        profile, target = work / "profile" / "user", work / "out" / "file.pdf"
        for one in (profile, root):
            one.mkdir(parents=True)
        items = "".join(_ITEM.format(path=path, name=name, value=value) for path, name, value in _SETTINGS)
        (profile / "registrymodifications.xcu").write_text(_PROFILE.format(items=items), encoding="utf-8")
        (work / f"file.{kind}").write_bytes(data)
        command = _command(program, kind, work, settings.task_memory_mb)
        if _confines():
            command = [*_UNSHARE, "sh", "-c", _CONFINE, "confine", str(root), str(work), *command]
        _run(command, work, stop or Event())
        try:
            return target.read_bytes()
        except OSError as error:
            raise ParseError("LibreOffice could not draw this file.") from error


def _command(program: str, kind: str, work: Path, memory_mb: int) -> list[str]:
    limits = [str(SECONDS), str(MAX_PDF_MB * 2048), str(memory_mb * 1000)]
    options = ["--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"]
    profile = f"-env:UserInstallation=file://{work}/profile"
    conversion = ["--convert-to", _FILTERS[kind], "--outdir", f"{work}/out", f"{work}/file.{kind}"]
    return ["/bin/sh", "-c", _LIMITS, "limits", *limits, program, profile, *options, *conversion]


def _run(command: list[str], work: Path, stop: Event) -> None:
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
        "HOME": str(work),
        "TMPDIR": str(work),
        "LANG": "C.UTF-8",
    }
    with subprocess.Popen(
        command,
        cwd=work,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        end = time.monotonic() + SECONDS
        while process.poll() is None:
            if stop.wait(0.1) or time.monotonic() > end:
                os.killpg(process.pid, signal.SIGKILL)
                why = "It was stopped." if stop.is_set() else f"LibreOffice took more than {SECONDS} s to draw it."
                raise ParseError(why)


@cache
def _confines() -> bool:
    """Whether this system lets a program have namespaces of its own; many containers do not."""
    if not (shutil.which("unshare") and Path("/usr/bin/setpriv").exists()):
        return False
    probe = [*_UNSHARE, "sh", "-c", "mount -t tmpfs none /mnt && mount -t proc none /proc"]
    try:
        return subprocess.run(probe, capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False

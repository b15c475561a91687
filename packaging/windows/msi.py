"""The MSI for IT departments: the same folder, per machine, in Program Files, silent by
``msiexec /i Cuadre.msi /qn``.
"""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from pathlib import Path
from xml.sax.saxutils import quoteattr

UPGRADE_CODE = "6f0f8f0c-3c0d-5a35-9d2b-7f1d1c0a4e11"
"""The same for every version: by it Windows knows that a newer one replaces an older."""
_NAMES = uuid.UUID(UPGRADE_CODE)


def package(folder: Path, out: Path, number: str, scratch: Path) -> None:
    """Raises subprocess.CalledProcessError."""
    source = scratch / "cuadre.wxs"
    source.write_text(described(folder, number), "utf-8", newline="\n")
    command = ["wixl", "--arch", "x64", "-o", str(out), str(source)]
    subprocess.run(command, check=True, cwd=folder)


def described(folder: Path, number: str) -> str:
    """The WiX source: one component a folder, its files in it."""
    components: list[str] = []
    tree = _folder(folder, folder, components)
    references = "".join(f"<ComponentRef Id={quoteattr(one)}/>" for one in components)
    product = f"*{number}"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
<Product Id="{uuid.uuid5(_NAMES, product)}" Name="Cuadre" Version="{number}" Language="1033"
 Manufacturer="Cuadre" UpgradeCode="{UPGRADE_CODE}">
<Package Id="{uuid.uuid5(_NAMES, "package" + product)}" InstallerVersion="500" Compressed="yes"
 InstallScope="perMachine"/>
<MajorUpgrade DowngradeErrorMessage="A newer version of Cuadre is installed."/>
<Media Id="1" Cabinet="cuadre.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir">
<Directory Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="Cuadre">
{tree}
</Directory></Directory>
<Directory Id="ProgramMenuFolder"><Component Id="StartMenu" Guid="{uuid.uuid5(_NAMES, "menu")}"
 Win64="yes">
<Shortcut Id="Link" Name="Cuadre" Target="[INSTALLDIR]cuadre-gui.exe"
 WorkingDirectory="INSTALLDIR"/>
<RegistryValue Root="HKLM" Key="Software\\Cuadre" Name="StartMenu" Type="integer" Value="1"
 KeyPath="yes"/>
</Component></Directory>
</Directory>
<Feature Id="Whole" Level="1">{references}<ComponentRef Id="StartMenu"/></Feature>
</Product>
</Wix>
"""


def _folder(folder: Path, root: Path, components: list[str]) -> str:
    name = _identifier(folder.relative_to(root))
    files = sorted(path for path in folder.iterdir() if path.is_file())
    text = []
    if files:
        components.append(f"c{name}")
        inside = "".join(
            f"<File Id={quoteattr('f' + _identifier(file.relative_to(root)))}"
            f" Name={quoteattr(file.name)} Source={quoteattr(file.relative_to(root).as_posix())}/>"
            for file in files
        )
        guid = uuid.uuid5(_NAMES, folder.relative_to(root).as_posix())
        text.append(f'<Component Id="c{name}" Guid="{guid}" Win64="yes">{inside}</Component>')
    for child in sorted(path for path in folder.iterdir() if path.is_dir()):
        identifier = _identifier(child.relative_to(root))
        inner = _folder(child, root, components)
        text.append(
            f'<Directory Id="d{identifier}" Name={quoteattr(child.name)}>{inner}</Directory>'
        )
    return "\n".join(text)


def _identifier(path: Path) -> str:
    return hashlib.sha256(path.as_posix().encode()).hexdigest()[:32]

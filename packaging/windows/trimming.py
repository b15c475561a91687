"""Which files of a wheel go into the program folder.

What is left out is never imported by the product: test suites, headers, typing stubs, Qt modules
and plug-ins the window does not use, fonts and codecs of libraries nobody calls. The check under
Wine runs what is left.
"""

from __future__ import annotations

from fnmatch import fnmatch

QT_MODULES = frozenset({"Core", "Gui", "Widgets", "Network", "Svg", "PrintSupport"})
TEST_MODULES = frozenset({"Test"})
"""Of Qt, for the suite under Windows Python alone."""
_QT_PLUGINS = (
    "platforms/qwindows.dll",
    "platforms/qoffscreen.dll",
    "styles/*",
    "imageformats/qico.dll",
    "imageformats/qsvg.dll",
    "iconengines/qsvgicon.dll",
)
_QT_TRANSLATIONS = ("qtbase_es.qm", "qtbase_en.qm")
_QT_FILES = ("__init__.py", "_config.py", "_git_pyside_version.py", "pyside6.abi3.dll", "LICENSE")
_QT_RUNTIME = ("msvcp140*.dll", "vcruntime140*.dll", "concrt140*.dll")
_LEFT_OUT = (
    "*/tests/*",
    "*/test/*",
    "*/testing/*",
    "*.pyi",
    "*/py.typed",
    "*.pxd",
    "*.pyx",
    "*.h",
    "*.lib",
    "*.c",
    "*.cpp",
    "*.hpp",
    "*/__pycache__/*",
    "*.dist-info/RECORD",
    "*.dist-info/INSTALLER",
    "*.dist-info/WHEEL",
    "bin/*",
    "share/*",
    "*.data/scripts/*",
    "*.data/headers/*",
    "*.data/data/*",
    "numpy/_core/include/*",
    "numpy/f2py/*",
    "numpy/distutils/*",
    "numpy/_pyinstaller/*",
    "numpy/random/lib/*",
    "numpy/random/_examples/*",
    "greenlet/platform/*",
    "alembic/templates/*",
    "apprise/cli.py",
    "apprise/assets/*",
    "chardet/cli/*",
    "charset_normalizer/cli/*",
    "PIL/_avif*",
    "PIL/_webp*",
    "PIL/_imagingtk*",
    "PIL/_imagingcms*",
    "PIL/_imagingft*",
    "PIL/_imagingm*",
    "apprise/i18n/*.po",
    "apprise/i18n/*.pot",
    "numpy/_core/_simd*",
    "zstandard/_cffi*",
    "*.dist-info/sboms/*",
    "*.dist-info/RECORD.*",
)
_KEPT_ALL_THE_SAME = (
    "numpy/testing/*",
    "pandas/testing.py",
    "pandas/_testing/*",
    "openapi_core/testing/*",
)
"""Imported by the packages themselves."""


def is_kept(name: str, qt_modules: frozenset[str] = QT_MODULES) -> bool:
    """``name`` is a path as in the wheel, with slashes."""
    if name.endswith("/"):
        return False
    if name.startswith("PySide6/"):
        return _is_kept_of_qt(name.removeprefix("PySide6/"), qt_modules)
    if name.startswith("shiboken6/"):
        return name.endswith((".py", ".pyd", ".dll", "LICENSE"))
    if any(fnmatch(name, pattern) for pattern in _KEPT_ALL_THE_SAME):
        return not any(fnmatch(name, pattern) for pattern in ("*/tests/*", "*.pyi"))
    return not any(fnmatch(name, pattern) for pattern in _LEFT_OUT)


def _is_kept_of_qt(name: str, modules: frozenset[str]) -> bool:
    folder, _, rest = name.partition("/")
    if folder == "plugins":
        return any(fnmatch(rest, pattern) for pattern in _QT_PLUGINS)
    if folder == "translations":
        return rest in _QT_TRANSLATIONS
    if rest:
        return False
    if name.endswith(".pyd"):
        return name.removesuffix(".pyd").removeprefix("Qt") in modules
    if name.startswith("Qt6") and name.endswith(".dll"):
        return name.removesuffix(".dll").removeprefix("Qt6") in modules
    return name in _QT_FILES or any(fnmatch(name, pattern) for pattern in _QT_RUNTIME)

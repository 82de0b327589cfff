"""All profiles, read from their folder, and the choice of one for a device.

Owns which file includes which and the choice. It must not know SNMP.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dcnet.language import Words
from dcnet.located_yaml import ConfigurationError, KeyPath, Problem, load_located
from exporter.profiles.compose import compose_profile
from exporter.profiles.composed import ComposedProfile
from exporter.profiles.models import Profile

FOLDER = Path(__file__).parent
GENERIC = "generic"
"""The profile of devices that no other is for."""

PARTS = "parts/"


@dataclass(frozen=True, slots=True)
class ProfileLibrary:
    """The profiles by name."""

    profiles: Mapping[str, ComposedProfile]

    def choose(self, object_id: str, description: str) -> ComposedProfile:
        """The profile for a device's sysObjectID (without leading dot) and sysDescr.

        The longest fitting object_id wins; among equals one whose description fits; else the generic one.
        """
        best: tuple[int, int] = (0, 0)
        chosen = self.profiles[GENERIC]
        for profile in self.profiles.values():
            for match in profile.match:
                if not f"{object_id}.".startswith(f"{match.object_id}."):
                    continue
                if match.description is not None and not re.search(match.description, description):
                    continue
                rank = (match.object_id.count("."), int(match.description is not None))
                if rank > best:
                    best, chosen = rank, profile
        return chosen


def profile_names(folder: Path = FOLDER) -> frozenset[str]:
    """The names that an inventory's `profile` may say."""
    return frozenset(file.stem for file in folder.glob("*.yml"))


def load_profiles(folder: Path = FOLDER) -> ProfileLibrary:
    """Every profile below `folder`. Raises ConfigurationError with every mistake of every file."""
    loader = _Loader(folder)
    names = sorted(profile_names(folder))
    for part in sorted((folder / PARTS).glob("*.yml")):
        loader.load(PARTS + part.stem, ())
    for name in names:
        loader.load(name, ())
    if GENERIC not in names:
        words = Words("profil ini wajib ada", "this profile must exist")
        loader.problems.append(Problem(str(folder / f"{GENERIC}.yml"), 1, "", words))
    if loader.problems:
        raise ConfigurationError(loader.problems)
    return ProfileLibrary({name: profile for name in names if (profile := loader.load(name, ())) is not None})


@cache
def shipped_profiles() -> ProfileLibrary:
    """The profiles that come with the exporter. They do not change while it runs."""
    return load_profiles()


class _Loader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, ComposedProfile | None] = {}
        self.problems: list[Problem] = []

    def load(self, name: str, way: tuple[str, ...]) -> ComposedProfile | None:
        """The profile or part `name`; None where it has mistakes. `way`: the files that include it."""
        if name not in self._loaded:
            self._loaded[name] = None
            self._loaded[name] = self._read(name, (*way, name))
        return self._loaded[name]

    def _read(self, name: str, way: tuple[str, ...]) -> ComposedProfile | None:
        composed: list[ComposedProfile] = []

        def cross_check(document: Any) -> Iterable[tuple[KeyPath, Words]]:
            try:
                profile = Profile.model_validate(document)
            except ValueError:
                # The models tell what is wrong with the shape; nothing more can be said of it.
                return []
            found: list[tuple[KeyPath, Words]] = []
            if name.startswith(PARTS) and profile.match:
                found.append((("match",), Words("bagian tidak dipilih sendiri", "a part is not chosen by itself")))
            included = self._include(profile, way, found)
            composed.append(compose_profile(name, profile, included, lambda *place: found.append(place)))
            return found

        try:
            load_located(self._folder / f"{name}.yml", Profile, cross_check)
        except ConfigurationError as error:
            self.problems += error.problems
            return None
        return composed[0]

    def _include(
        self, profile: Profile, way: tuple[str, ...], found: list[tuple[KeyPath, Words]]
    ) -> dict[int, ComposedProfile]:
        included: dict[int, ComposedProfile] = {}
        for at, include in enumerate(profile.include):
            path: KeyPath = ("include", at)
            if include.place in way:
                circle = " -> ".join([*way, include.place])
                found.append((path, Words(f"include berputar: {circle}", f"includes go in a circle: {circle}")))
            elif not (self._folder / f"{include.place}.yml").is_file():
                missing = f"{include.place}.yml"
                found.append((path, Words(f"berkas {missing} tidak ada", f"there is no file {missing}")))
            elif (part := self.load(include.place, way)) is not None:
                included[at] = part
        return included

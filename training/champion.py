"""Whether a name has a champion that this program can serve: what `make run` asks before it trains."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from models.bundle import open_bundle
from models.errors import BundleError
from models.registry import CHAMPION, ArtifactsMissing, Registry, RegistryError, default_tracking_uri
from training.opening import DEFAULT_CLASSIFICATIONS, load_classifications


@dataclass(frozen=True, slots=True)
class Standing:
    exists: bool
    problem: str = ""
    """Why this program cannot read it; empty where it can, and where there is none."""

    @property
    def serves(self) -> bool:
        return self.exists and not self.problem


def champion_standing(name: str, tracking_uri: str | None) -> Standing:
    """Opens the champion as the service would. A store that is not there yet has none."""
    registry = Registry(tracking_uri or default_tracking_uri())
    try:
        registry.resolve(f"{name}@{CHAMPION}")
    except RegistryError:
        return Standing(exists=False)
    with tempfile.TemporaryDirectory(prefix="autocoder-champion-") as folder:
        bundle = Path(folder) / "bundle"
        try:
            model = registry.fetch(f"{name}@{CHAMPION}", bundle)
            tables = load_classifications(DEFAULT_CLASSIFICATIONS)
            open_bundle(bundle, name=name, version=str(model.version), classifications=tables)
        except (BundleError, ArtifactsMissing) as error:
            return Standing(exists=True, problem=str(error))
    return Standing(exists=True)

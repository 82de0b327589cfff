"""Reads inventory.yml. Owns the pairing of models and cross check; the wording of errors is dcnet's."""

from collections.abc import Mapping
from pathlib import Path

from dcnet.catalogue import Catalogue, load_catalogue
from dcnet.located_yaml import load_located
from exporter.inventory.cross_check import cross_check_with
from exporter.inventory.models import Inventory


def load_inventory(
    file: Path, environment: Mapping[str, str] | None = None, catalogue: Catalogue | None = None
) -> Inventory:
    """The inventory of `file`, secrets resolved against `environment` (default: the process's).

    Raises ConfigurationError with every problem of the file, each with its line.
    """
    return load_located(file, Inventory, cross_check_with(catalogue or load_catalogue()), environment)

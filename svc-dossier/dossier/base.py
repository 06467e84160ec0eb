"""The base of this service's tables."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from chassis.db import NAMING


class Base(DeclarativeBase):
    """Tables of the dossier service; constraints are named as PostgreSQL names them."""

    metadata = MetaData(naming_convention=NAMING)

"""`python -m health_book serve | work | migrate`."""

from pathlib import Path

from chassis.runner import ServiceDefinition, main
from health_book.app import create_app
from health_book.settings import HealthBookSettings

SERVICE = ServiceDefinition(
    name="health-book",
    settings_class=HealthBookSettings,
    create_app=create_app,
    migrations_directory=Path(__file__).parent.parent / "migrations",
)

if __name__ == "__main__":
    main(SERVICE)

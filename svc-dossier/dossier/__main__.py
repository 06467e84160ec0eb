"""`python -m dossier serve | work | migrate`."""

from chassis.runner import main
from dossier.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)

"""`python -m identity serve | work | migrate`."""

from chassis.runner import main
from identity.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)

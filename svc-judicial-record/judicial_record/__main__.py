"""`python -m judicial_record serve | work | migrate`."""

from chassis.runner import main
from judicial_record.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)

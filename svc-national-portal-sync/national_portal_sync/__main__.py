"""`python -m national_portal_sync serve | work | migrate`."""

from chassis.runner import main
from national_portal_sync.app import SERVICE

if __name__ == "__main__":
    main(SERVICE)

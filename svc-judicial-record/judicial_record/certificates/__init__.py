"""Certificates: numbered, printed, signed, checked by anyone, revoked or superseded."""

"""Systems that identity calls: one thin client each, only the fields used."""

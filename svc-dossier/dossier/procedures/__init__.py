"""The catalogue of procedures: dated versions, searched without accents."""

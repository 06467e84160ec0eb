"""Organisations: companies that citizens act for, and who may."""

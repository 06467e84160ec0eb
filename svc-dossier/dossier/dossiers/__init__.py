"""Dossiers: from draft to the hand-over of the result, seen by those who file them."""

"""Interventions: what is done to answers to see whether a judge follows. Knows models, no judge and no profile."""

"""Automation at a provider: blind audits, what they show of each stratum, and the hand of the gate."""

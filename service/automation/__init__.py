"""Automation at a provider: blind audits, what they show of each stratum, who opened it, and the gate's hand."""

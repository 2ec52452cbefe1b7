"""Who answers for an episode: the register of clinicians, the rule at work, likely misattributions."""

"""How the work goes: of one coder, and of the team; counted by the database over bounded dates."""

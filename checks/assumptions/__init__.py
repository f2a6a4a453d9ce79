"""The hypotheses of the theorems, checked for a target: report, facts and words."""

"""The house plan: which stage follows which, and what a run takes, stops and goes on from."""

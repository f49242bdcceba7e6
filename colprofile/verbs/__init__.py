"""The verbs: profile, drift, audit, planner and latent, one folder each."""

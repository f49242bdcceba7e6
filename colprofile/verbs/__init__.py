"""The verbs: profile, drift, audit, planner, one short module each."""

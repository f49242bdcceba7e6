"""Latent class models: mixtures of independent categorical columns, fitted by variational Bayes."""

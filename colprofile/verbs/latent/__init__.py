"""latent_classes: the kinds of rows that a table has, by variational Bayes."""

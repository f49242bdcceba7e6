"""drift: which columns of fresh data have left a saved distribution, in bits."""

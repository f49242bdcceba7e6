-- Entropy of the larger whole that rows are a sample of. The estimators are Python's, so these need register().

-- entropy_estimate(x, [estimator := 'chao-wang-jost']) -> DOUBLE, bits
-- An estimate of the entropy of the population that the rows are a sample of. Counting every row of a table gives its exact entropy, entropy(x), and needs none of these.
-- x: A column or expression of any type.
-- estimator: 'chao-shen', 'chao-wang-jost', 'grassberger', 'jackknife', 'miller-madow', 'nsb' or 'plug-in'.
-- NULL: Rows where x is NULL are left out. NULL where none is left.
-- Example: select round(entropy_estimate(x), 4) as bits, round(entropy_estimate(x, estimator := 'miller-madow'), 4) as miller_madow from (values ('a'), ('a'), ('a'), ('b'), ('c')) as t(x)
create or replace temp macro entropy_estimate(x, estimator := 'chao-wang-jost') as
    fingerprint_entropy(list_aggregate(map_values(histogram(x)), 'histogram'), estimator);

-- fingerprint_entropy(fingerprint, estimator) -> DOUBLE, bits
-- entropy_estimate from counts that are there already, one row a value: histogram(c) of the counts is the fingerprint.
-- fingerprint: A map of count → number of values that occur so often. An error if a count or a number is no whole number.
-- estimator: As for entropy_estimate.
-- NULL: NULL for NULL, and for an empty map.
-- Example: select round(fingerprint_entropy(histogram(c), 'chao-shen'), 4) as bits from (values ('a', 3), ('b', 1), ('c', 1)) as counts(value, c)

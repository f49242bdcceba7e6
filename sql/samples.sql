-- What a sample says about the whole that its rows are drawn from: estimates, and guaranteed intervals. They are computed by Python, so they need register().

-- entropy_estimate(x, [estimator := 'chao-wang-jost']) -> DOUBLE, bits
-- An estimate of the entropy of the population from which the rows are a sample. If the table has every row, entropy(x) is exact and no estimate is needed.
-- x: A column or expression of any type.
-- estimator: 'chao-shen', 'chao-wang-jost', 'grassberger', 'jackknife', 'miller-madow', 'nsb' or 'plug-in'.
-- NULL: Rows where x is NULL are left out. NULL where no row is left.
-- Python: DuckDB counts the rows by value; the estimators need sums over digamma functions and, for nsb, an integral, which SQL lacks. Python gets one map per group, never the rows.
-- Example: select round(entropy_estimate(x), 4) as bits, round(entropy_estimate(x, estimator := 'miller-madow'), 4) as miller_madow from (values ('a'), ('a'), ('a'), ('b'), ('c')) as t(x)
create or replace temp macro entropy_estimate(x, estimator := 'chao-wang-jost') as
    fingerprint_entropy(list_aggregate(map_values(histogram(case when colprofile_is_column(x) then equality_key(x) end)), 'histogram'), estimator);

-- fingerprint_entropy(fingerprint, estimator) -> DOUBLE, bits
-- entropy_estimate from existing counts, one row per value: histogram(c) of the counts is the fingerprint.
-- fingerprint: A map of count → number of values with that count. An error if either is not a whole number.
-- estimator: As for entropy_estimate.
-- NULL: NULL for NULL, and for an empty map.
-- Python: The estimators need sums over digamma functions and, for nsb, an integral, which SQL lacks.
-- Example: select round(fingerprint_entropy(histogram(c), 'chao-shen'), 4) as bits from (values ('a', 3), ('b', 1), ('c', 1)) as counts(value, c)

-- entropy_bounds(counts, population_rows, confidence) -> STRUCT, bits
-- An interval that holds the entropy of a whole column, from the counts of a random sample of its rows without replacement: (lower, estimate, upper). A sample by blocks (USING SAMPLE 10%) does not qualify, nor does DuckDB's reservoir(n ROWS). Use USING SAMPLE 1% (bernoulli), or ORDER BY random() LIMIT 10000.
-- counts: A list of counts, one per value: map_values(histogram(x)) of the sampled rows. An error if a count is not a whole number.
-- population_rows: Rows of the whole column that are not NULL, including the sample.
-- confidence: Probability that the interval holds, such as 0.95.
-- NULL: NULL for NULL, and for counts without rows.
-- Python: The interval follows from bets on the sampled rows, one after the other: a loop that SQL lacks.
-- Example: select round(b.lower, 2) as lower, round(b.estimate, 2) as estimate, round(b.upper, 2) as upper from (select entropy_bounds(map_values(histogram(i % 4)), 1000000, 0.95) as b from range(10000) as sample(i))

-- joint_counts_bounds(x, y, counts, population_rows, confidence) -> STRUCT, bits
-- mutual_information_bounds of joint counts that are already in lists.
-- x, y: Lists of the two values as text, one per cell.
-- counts: A list of the sampled rows in each cell. An error if one is not a whole number.
-- population_rows: Rows of the whole table in which neither is NULL, including the sample.
-- confidence: Probability that the interval holds.
-- NULL: NULL for NULL, and for counts without rows.
-- Python: The interval follows from bets on the sampled rows, one after the other: a loop that SQL lacks.
-- Example: select round(b.lower, 2) as lower, round(b.estimate, 2) as estimate, round(b.upper, 2) as upper from (select joint_counts_bounds(['a', 'b'], ['c', 'd'], [5000, 5000], 1000000, 0.95) as b)

-- mutual_information_bounds(x, y, counts, population_rows, [confidence := 0.95]) -> STRUCT, bits
-- An interval that holds the mutual information of two whole columns, from the joint counts of a random sample of their rows without replacement, one row per pair of values: (lower, estimate, upper).
-- x, y: The two values. Rows where either is NULL are left out.
-- counts: The sampled rows that hold both values. An error if one is not a whole number.
-- population_rows: Rows of the whole table in which neither is NULL, including the sample.
-- confidence: Probability that the interval holds.
-- NULL: NULL without rows.
-- Python: DuckDB collects the counts; the interval is that of joint_counts_bounds.
-- Example: select round(b.lower, 2) as lower, round(b.estimate, 2) as estimate, round(b.upper, 2) as upper from (select mutual_information_bounds(x, y, n, 1000000) as b from (select i % 4 as x, i % 2 as y, count(*) as n from range(10000) as sample(i) group by all))
create or replace temp macro mutual_information_bounds(x, y, counts, population_rows, confidence := 0.95) as
    joint_counts_bounds(
        list(colprofile_text(x)) filter (where x is not null and y is not null and colprofile_are_columns(x, y)),
        list(colprofile_text(y)) filter (where x is not null and y is not null),
        list(counts::double) filter (where x is not null and y is not null),
        any_value(population_rows)::bigint,
        any_value(confidence)::double
    );

-- Measures of one column, aggregates over rows. entropy(x) itself is DuckDB's own.

-- colprofile_is_quoted
-- Whether an expression is a text in quotes. Its alias is then its value in quotes; the alias of a column is its name.
create or replace temp macro colprofile_is_quoted(x) as
    alias(x) = '''' || replace(x::varchar, '''', '''''') || '''';

-- colprofile_is_column
-- True; an error where x is a text in quotes, of which entropy is 0. CASE in CASE, because AND has no order: only the alias is looked at in every row.
create or replace temp macro colprofile_is_column(x) as
    case
        when typeof(x) = 'VARCHAR' and starts_with(alias(x), '''')
        then case
            when colprofile_is_quoted(x)
            then error(
                '''' || x::varchar || ''' is a text, not a column: write ' || x::varchar || ' or "' || x::varchar || '"'
            )::boolean
            else true
        end
        else true
    end;

-- perplexity(x, [partition_by]) -> DOUBLE, without unit
-- The effective number of values, 2^H(x): the number of equally frequent values that have the same entropy.
-- x: A column or expression of any type.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where x is NULL are left out. NULL where no row is left.
-- Example: select round(perplexity(x), 2) as effective_values from (values ('a'), ('b'), ('b'), (null)) as t(x)
create or replace temp macro perplexity
    (x) as case when count(x) filter (where colprofile_is_column(x)) > 0 then pow(2, entropy(x)) end,
    (x, partition_by) as
        case
            when colprofile_is_column(x)
            then case
                when count(x) over (partition by partition_by) > 0
                then pow(2, entropy(x) over (partition by partition_by))
            end
        end;

-- surprisal(p) -> DOUBLE, bits
-- The information of an event of probability p: −log2 p. A scalar function, not an aggregate.
-- p: A probability; an error outside [0, 1].
-- NULL: NULL for NULL and for p = 0, where it would be infinite.
-- Example: select surprisal(0.25) as bits
create or replace temp macro surprisal(p) as
    case
        when p::double = 0 then null
        when p::double > 0 and p::double <= 1 then abs(log2(p::double))
        when p is not null then error('p is ' || p::varchar || ': a probability is a number from 0 to 1')::double
    end;

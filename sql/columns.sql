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

-- colprofile_calls_equal
-- Whether the collation of x says that two texts are equal. x itself is not looked at, so that this is known before the query runs.
create or replace temp macro colprofile_calls_equal(x, one, other) as
    (case when false then x::varchar else one end) = other;

-- colprofile_is_collated
-- Whether x is a text whose collation calls some different texts equal: in case, in accents, or in Unicode's ways to write one letter.
create or replace temp macro colprofile_is_collated(x) as
    typeof(x) in ('VARCHAR', 'JSON')
    and (colprofile_calls_equal(x, 'a', 'A') or colprofile_calls_equal(x, 'e' || chr(769), chr(233)));

-- colprofile_without_case
-- A text as a collation that ignores case compares it.
create or replace temp macro colprofile_without_case(x) as
    case when colprofile_calls_equal(x, 'a', 'A') then lower(x::varchar) else x::varchar end;

-- colprofile_without_accents
-- A text as a collation that ignores accents compares it.
create or replace temp macro colprofile_without_accents(x) as
    case
        when colprofile_calls_equal(x, 'e', chr(233)) then strip_accents(colprofile_without_case(x))
        else colprofile_without_case(x)
    end;

-- colprofile_folded
-- The same text for all that a collation calls equal. Those of ICU leave out a soft hyphen, too.
create or replace temp macro colprofile_folded(x) as
    case
        when colprofile_calls_equal(x, 'a' || chr(173), 'a') then icu_sort_key(colprofile_without_accents(x), 'en')
        when colprofile_calls_equal(x, 'e' || chr(769), chr(233)) then nfc_normalize(colprofile_without_accents(x))
        else colprofile_without_accents(x)
    end;

-- colprofile_typed
-- A value as one of the type of x. In a list, since DuckDB casts to no type that is only NULL.
create or replace temp macro colprofile_typed(value, x) as cast_to_type([value], [x])[1];

-- equality_key(x) -> ANY, of the type of x
-- What is the same for all values of x that = calls equal. DuckDB's own aggregates, such as entropy and histogram, ignore collations, tell a VARIANT's values apart by their type, and in windows a month from 30 days: entropy(equality_key(x)) does not, nor do the functions here. For all other types it is x itself, and costs nothing: within nested values, DuckDB's aggregates decide.
-- x: A column or expression of any type.
-- NULL: NULL for NULL.
-- Example: select entropy(x) as bits, entropy(equality_key(x)) as bits_by_equality from (select unnest(['a', 'A', 'b', 'B']) collate nocase as x)
create or replace temp macro equality_key(x) as
    case
        when typeof(x) = 'VARIANT' then colprofile_typed(hex(variant_comparator(x::variant)), x)
        when typeof(x) = 'INTERVAL' then colprofile_typed(normalized_interval(x::varchar::interval), x)
        when colprofile_is_collated(x) then colprofile_typed(colprofile_folded(x), x)
        else x
    end;

-- colprofile_is_nested
-- Whether a type is nested.
create or replace temp macro colprofile_is_nested(type) as regexp_matches(type, '^(STRUCT|TUPLE|MAP|UNION)\(|\]$');

-- colprofile_text
-- A value's text, the same for all that = calls equal: −0.0 is 0.0, and intervals and nested values are what they are compared by.
create or replace temp macro colprofile_text(x) as
    case
        when typeof(x) in ('FLOAT', 'DOUBLE')
        then case x::varchar when '-0.0' then '0.0' when '-nan' then 'nan' else x::varchar end
        when typeof(x) in ('INTERVAL', 'VARIANT') or colprofile_is_nested(typeof(x))
        then hex(variant_comparator(x::variant))
        when colprofile_is_collated(x) then colprofile_folded(x)
        else x::varchar
    end;

-- perplexity(x, [partition_by]) -> DOUBLE, without unit
-- The effective number of values, 2^H(x): the number of equally frequent values that have the same entropy.
-- x: A column or expression of any type.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where x is NULL are left out. NULL where no row is left.
-- Example: select round(perplexity(x), 2) as effective_values from (values ('a'), ('b'), ('b'), (null)) as t(x)
create or replace temp macro perplexity
    (x) as case when count(x) filter (where colprofile_is_column(x)) > 0 then pow(2, entropy(equality_key(x))) end,
    (x, partition_by) as
        case
            when colprofile_is_column(x)
            then case
                when count(x) over (partition by partition_by) > 0
                then pow(2, entropy(equality_key(x)) over (partition by partition_by))
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

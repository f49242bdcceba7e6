-- Measures of two columns, aggregates over the rows where neither is NULL.
-- The struct needs named fields: DuckDB 2.0 crashes on unnamed ones that hold fixed-size arrays.

-- colprofile_are_columns
-- True; an error where x and y are both texts in quotes, which share 0 bits, as the columns of these names may not.
create or replace temp macro colprofile_are_columns(x, y) as
    case
        when typeof(x) = 'VARCHAR' and typeof(y) = 'VARCHAR' and starts_with(alias(x), '''')
        then case
            when colprofile_is_quoted(x) and colprofile_is_quoted(y)
            then error(
                format(
                    '''{0}'' and ''{1}'' are texts, not columns: write {0}, {1} or "{0}", "{1}"',
                    x::varchar collate c,
                    y::varchar collate c
                )
            )::boolean
            else true
        end
        else true
    end;

-- colprofile_rows
-- How many rows have neither NULL; an error where both are texts in quotes. Every measure asks for it.
create or replace temp macro colprofile_rows
    (x, y) as count(*) filter (where x is not null and y is not null and colprofile_are_columns(x, y)),
    (x, y, partition_by) as
        -- Not in the FILTER, which a window would then evaluate row by row.
        case
            when colprofile_are_columns(x, y)
            then count(*) filter (where x is not null and y is not null) over (partition by partition_by)
        end;

-- colprofile_alone
-- H(X) over the rows where y is not NULL.
create or replace temp macro colprofile_alone
    (x, y) as entropy(equality_key(x)) filter (where y is not null),
    (x, y, partition_by) as entropy(equality_key(x)) filter (where y is not null) over (partition by partition_by);

-- colprofile_joint
-- H(X,Y) over the rows where neither is NULL.
create or replace temp macro colprofile_joint
    (x, y) as
        entropy(struct_pack(x := equality_key(x), y := equality_key(y))) filter (where x is not null and y is not null),
    (x, y, partition_by) as
        entropy(struct_pack(x := equality_key(x), y := equality_key(y))) filter (where x is not null and y is not null)
        over (partition by partition_by);

-- colprofile_left
-- H(joint) − H(known). One row that breaks a dependency costs 2/rows bits or more, so what is below 1/rows is rounding.
create or replace temp macro colprofile_left(joint, known, n) as
    case
        when n = 0 then null
        when joint - known < 1::double / n then 0::double
        else joint - known
    end;

-- colprofile_shared
-- I = H(X) + H(Y) − H(X,Y), kept between 0 and the smaller entropy, so 0 where either column is constant.
create or replace temp macro colprofile_shared(alone_x, alone_y, joint, n) as
    case when n > 0 then least(greatest(alone_x + alone_y - joint, 0), alone_x, alone_y) end;

-- colprofile_fraction
-- 1 − left/whole. NULL where whole is 0.
create or replace temp macro colprofile_fraction(remaining, whole) as
    case when whole > 0 then greatest(1 - remaining / whole, 0) end;

-- colprofile_normalized
-- I / ((H(X) + H(Y)) / 2). NULL where both columns are constant.
create or replace temp macro colprofile_normalized(shared, alone_x, alone_y) as
    case when alone_x + alone_y > 0 then least(2 * shared / (alone_x + alone_y), 1) end;

-- joint_entropy(x, y, [partition_by]) -> DOUBLE, bits
-- The information in both columns together: H(X,Y) = log2 n − (Σ c log2 c)/n over the distinct pairs of values.
-- x, y: Columns or expressions of any type.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where either is NULL are left out. NULL where no row is left.
-- Example: select joint_entropy(x, y) as bits from (values (1, 'a'), (1, 'b'), (2, 'a'), (2, 'b'), (null, 'c')) as t(x, y)
create or replace temp macro joint_entropy
    (x, y) as case when colprofile_rows(x, y) > 0 then colprofile_joint(x, y) end,
    (x, y, partition_by) as
        case when colprofile_rows(x, y, partition_by) > 0 then colprofile_joint(x, y, partition_by) end;

-- conditional_entropy(x, y, [partition_by]) -> DOUBLE, bits
-- The information left in x when y is known: H(X|Y) = H(X,Y) − H(Y). Exactly 0 where y determines x.
-- x, y: Columns or expressions of any type. y is the known column.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where either is NULL are left out. NULL where no row is left.
-- Example: select conditional_entropy(x, y) as bits from (values ('a', 1), ('b', 1), ('c', 2), ('c', 2)) as t(x, y)
create or replace temp macro conditional_entropy
    (x, y) as colprofile_left(colprofile_joint(x, y), colprofile_alone(y, x), colprofile_rows(x, y)),
    (x, y, partition_by) as
        colprofile_left(
            colprofile_joint(x, y, partition_by), colprofile_alone(y, x, partition_by), colprofile_rows(x, y, partition_by)
        );

-- mutual_information(x, y, [partition_by]) -> DOUBLE, bits
-- The information that two columns share, whatever the form of their relation: I(X;Y) = H(X) + H(Y) − H(X,Y). A planner that assumes independence underestimates x = … AND y = … by a factor of 2^I on average. Not corrected for chance.
-- x, y: Columns or expressions of any type.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where either is NULL are left out, for the entropies of x and y too, so that I(X;X) = H(X). NULL where no row is left.
-- Example: select mutual_information(x, y) as bits from (values (-2, 4), (-1, 1), (1, 1), (2, 4)) as t(x, y)
create or replace temp macro mutual_information
    (x, y) as colprofile_shared(
        colprofile_alone(x, y), colprofile_alone(y, x), colprofile_joint(x, y), colprofile_rows(x, y)
    ),
    (x, y, partition_by) as colprofile_shared(
        colprofile_alone(x, y, partition_by),
        colprofile_alone(y, x, partition_by),
        colprofile_joint(x, y, partition_by),
        colprofile_rows(x, y, partition_by)
    );

-- normalized_mutual_information(x, y, [partition_by]) -> DOUBLE, a fraction from 0 to 1
-- Mutual information as a fraction of the mean entropy: I / ((H(X) + H(Y)) / 2).
-- x, y: Columns or expressions of any type.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where either is NULL are left out. NULL where no row is left, and where both columns are constant, 0/0.
-- Example: select round(normalized_mutual_information(x, y), 4) as fraction from (values (-2, 4), (-1, 1), (1, 1), (2, 4)) as t(x, y)
create or replace temp macro normalized_mutual_information
    (x, y) as colprofile_normalized(mutual_information(x, y), colprofile_alone(x, y), colprofile_alone(y, x)),
    (x, y, partition_by) as
        case
            when colprofile_are_columns(x, y)
            then colprofile_normalized(
                mutual_information(x, y, partition_by),
                colprofile_alone(x, y, partition_by),
                colprofile_alone(y, x, partition_by)
            )
        end;

-- uncertainty_coefficient(x, y, [partition_by]) -> DOUBLE, a fraction from 0 to 1
-- The fraction of x's information that y explains: I(X;Y)/H(X), Theil's U(X|Y). Exactly 1 where y determines x.
-- x, y: Columns or expressions of any type. y is the known column.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where either is NULL are left out. NULL where no row is left, and where x is constant, 0/0.
-- Example: select uncertainty_coefficient(city, zip) as zip_explains_city, round(uncertainty_coefficient(zip, city), 4) as city_explains_zip from (values (1, 'a'), (2, 'a'), (3, 'b'), (3, 'b')) as t(zip, city)
create or replace temp macro uncertainty_coefficient
    (x, y) as colprofile_fraction(conditional_entropy(x, y), colprofile_alone(x, y)),
    (x, y, partition_by) as
        case
            when colprofile_are_columns(x, y)
            then colprofile_fraction(conditional_entropy(x, y, partition_by), colprofile_alone(x, y, partition_by))
        end;

-- variation_of_information(x, y, [partition_by]) -> DOUBLE, bits
-- A metric distance between two columns: H(X|Y) + H(Y|X). Exactly 0 where each determines the other.
-- x, y: Columns or expressions of any type.
-- partition_by: Replaces OVER (PARTITION BY …): a column, or several as (a, b).
-- NULL: Rows where either is NULL are left out. NULL where no row is left.
-- Example: select variation_of_information(x, y) as bits from (values (1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')) as t(x, y)
create or replace temp macro variation_of_information
    (x, y) as
        conditional_entropy(x, y) + colprofile_left(colprofile_joint(x, y), colprofile_alone(x, y), colprofile_rows(x, y)),
    (x, y, partition_by) as
        conditional_entropy(x, y, partition_by)
        + colprofile_left(
            colprofile_joint(x, y, partition_by), colprofile_alone(x, y, partition_by), colprofile_rows(x, y, partition_by)
        );

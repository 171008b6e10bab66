"""The demonstration city: the input files of a synthetic Shenzhen, the same bytes for a seed.

What is real and what is ours
-----------------------------
District outlines, parks, subdistricts, population and GDP come from the shipped facts (with their
doubts). Everything about firms is invented. The assumptions, all ours, lie in tables of the folder
``layout/demo``: ``words/groups.csv`` (share of each group of trades, revenue a head, growth,
high-tech designations), ``words/profiles.csv`` and ``words/clauses.csv`` (trades, codes, wording),
``words/companions.csv`` (which sectors go together) and ``cities/<slug>/`` (orientation of each
district, planted clusters). Further:

- Firms of a district: 60 % by population of the 2020 census, 40 % by GDP of 2021, at least 1 %.
- A table of n firms holds the n largest firms of the city. The firm of rank r has a revenue of
  180 billion yuan times ``r ** -1.05`` in 2023 (a rank-size rule), so about 30 firms pass 5 billion
  and 140 pass 1 billion yuan at every size from 500 firms up; three quarters of these are of the
  plan's sectors. The digital sectors of 20,000 firms come to some 800 billion yuan, the order of
  the plan's target for software revenue (1,000 billion yuan).
- Revenue of the years before follows from yearly growth; 2020 is a weak year. A firm has figures
  from its year of founding on, and none after it was closed. 6 % report no revenue.
- Of the plan's sectors are 28 % of the firms; 30 % of these have a second sector, 5 % a third.
- 31 % of the firms are registered in a shared building, the first buildings of an area taking most.
- A sector's firms are in planted clusters first, then (35 %) in parks of its district that name
  the sector as theirs, then (8 %) in other parks, and otherwise about the subdistrict centres.

Credit codes
------------
Codes start with ``9199`` (market supervision, enterprise, division 99xxxx). GB/T 2260 numbers the
divisions of China from 11 to 82; no division 99 exists, so no authority can issue such a code, and
the codes still carry valid check characters of GB 32100 and GB 11714.

Repeatability
-------------
Firms are made in blocks of fixed size, each from random streams of its own; how many blocks are
made at a time changes nothing. Coordinates are whole millionths of a degree and money whole
hundreds of yuan, far above the last bit in which mathematics libraries differ.
"""

"""One file for each page; `table.py` lists them."""

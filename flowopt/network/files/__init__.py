"""The kinds of file that hold a whole network: CSV folders, workbooks, JSON."""

"""Files that hold a whole network: CSV folders, workbooks, JSON."""

"""Networks: tables and their columns, the frozen network, checks, and files in and out."""

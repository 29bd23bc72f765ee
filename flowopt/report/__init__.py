"""What leaves the program: tables for people, files for programs."""

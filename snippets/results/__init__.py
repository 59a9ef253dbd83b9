"""The functions that return the numbers and tables which pages print."""

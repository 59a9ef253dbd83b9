"""What the pages say, held against what the code does."""

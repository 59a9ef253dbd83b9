"""The machinery: runs what pages ask for and puts the results into them."""

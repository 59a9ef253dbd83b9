"""The code that the pages teach: small, tested modules of attention."""

"""One function a figure: it takes nothing and returns a Figure."""

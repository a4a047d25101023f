"""The demo: two invented sellers, or a person's own file, through the real stack on this machine."""

"""Values in the terms of other programs, and back: each bridge is one file."""

"""`python -m tnalgebra`: the command line."""

from tnalgebra.cli import main

raise SystemExit(main())

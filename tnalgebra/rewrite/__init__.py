"""Rules from TOML, matching, rewriting, derivations whose every step is checked, replay."""

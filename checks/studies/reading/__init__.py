"""From a TOML file to a study: overrides, words with numbers in them, tables read strictly."""

"""The kinds of runs that a study can ask for, one file each; `menu` lists them."""

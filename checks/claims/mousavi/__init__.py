"""Claims of Mousavi-Hosseini et al. 2022, a file a section."""

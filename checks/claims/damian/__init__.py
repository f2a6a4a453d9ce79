"""Claims of Damian, Lee, Soltanolkotabi 2022, a file a section."""

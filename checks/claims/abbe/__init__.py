"""Claims of Abbe, Boix-Adserà, Misiakiewicz 2023."""

"""What every page of the package is made of: one style sheet, drawings as inline SVG, numbers in words."""

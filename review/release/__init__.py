"""What leaves the house: the signed canonical document and the forms it is printed in."""

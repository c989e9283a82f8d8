"""How each kind of question is answered by tapping and by words."""

"""What the commands of `xiangban` do, one module per subject."""

"""One screen a file: the order, the board, the log, the help, the fault panel."""

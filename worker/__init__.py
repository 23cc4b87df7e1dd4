"""The process that trains: hears that there is work, looks at the row, runs it, writes down what came out."""

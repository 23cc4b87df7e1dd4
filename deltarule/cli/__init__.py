"""The command line: each command is a sentence to the service, and its answer is fit for people and for pipes."""

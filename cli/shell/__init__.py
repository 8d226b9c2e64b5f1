"""What every command needs of the shell: arguments, exit codes, completion."""

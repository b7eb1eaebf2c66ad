"""The program `convo`, the command line of the library of the same name."""

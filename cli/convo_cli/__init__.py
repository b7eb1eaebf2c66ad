"""The program `convo`: what a person sees of the library of the same name."""

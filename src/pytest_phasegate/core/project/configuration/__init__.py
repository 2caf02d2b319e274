"""The configuration: which keys there are, what each may hold, and what is wrong with a given one.

Pure: the texts of the files and the environment come in as values.
"""

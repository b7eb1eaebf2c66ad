"""What goes over the wire: requests made fit for a server, and answers made fit to be stored.

Pure functions over JSON. Nothing here imports the Agents SDK or OpenAI's library, nor knows where
the JSON comes from.
"""

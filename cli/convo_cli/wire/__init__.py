"""Adapts requests to servers, and normalises their answers.

Pure functions over JSON: nothing here imports the Agents SDK or OpenAI's library, or sends anything
itself.
"""

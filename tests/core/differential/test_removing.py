"""What is taken away comes back as it was, whatever was done before, and is whole in any case."""

from tests.core.differential.machinery import settings_for
from tests.core.differential.removing import Removing

TestRemoving = Removing.TestCase
TestRemoving.settings = settings_for(examples=25, steps=25)

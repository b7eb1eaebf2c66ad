"""Both classes on one file, two instances of each alive at once, in one process."""

from tests.core.differential.alternation import Alternation
from tests.core.differential.machinery import settings_for

TestOneFile = Alternation.TestCase
TestOneFile.settings = settings_for(examples=100, steps=40)

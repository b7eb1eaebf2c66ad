"""One undo takes back any merge as if it had not been, whatever was done before."""

from tests.core.differential.machinery import settings_for
from tests.core.merging.weaving import Weaving

TestWeaving = Weaving.TestCase
TestWeaving.settings = settings_for(examples=15, steps=20)

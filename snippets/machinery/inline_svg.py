"""Old names, until the pages' half is rewritten."""

from snippets.machinery.drawing import adapt as adapt

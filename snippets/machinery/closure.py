"""Old names, until the pages' half is rewritten."""

from snippets.machinery.key import module_path as module_path

"""A small project with a guide of three phases, for claims about whole runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.project import Project

GUIDE_PATH = "docs/plans/cache_implementation_guide.md"
GUIDE = """
# Cache Implementation Guide

## Phase Breakdown

### Phase 1: Core
**Goal**: Store and find
**Files to create**:
- `tests/test_core.py`
**Tests to write** (in `tests/test_core.py:TestCache`):
```python
def test_store(self): ...
def test_find(self): ...
```

### Phase 2: Expiry
**Goal**: Forget in time
**Files to create**:
- `tests/test_expiry.py`
**Tests to write** (in `tests/test_expiry.py`):
```python
def test_expires(): ...
```

### Phase 3: Words
**Goal**: Write the manual
**Files to create**:
- `docs/manual.md`
"""
CORE = """
class TestCache:
    def test_store(self): pass
    def test_find(self): pass

def test_unforeseen(): pass
"""
EXPIRY = """
import pytest

@pytest.mark.parametrize("age", [1, 2])
def test_expires(age): pass
"""


def planned(project: Project, *, core: str = CORE, expiry: str = EXPIRY) -> Project:
    """Write the guide and its tests; phases 1 and 2 pass as they are."""
    project.write(GUIDE_PATH, GUIDE)
    project.write("tests/test_core.py", core).write("tests/test_expiry.py", expiry)
    return project.write("tests/test_loose.py", "def test_loose(): assert False\n")

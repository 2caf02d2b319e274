"""Guides that tests write into their projects."""

from __future__ import annotations

from support.project import LEAN_OPTIONS

CACHE_GUIDE = """
# Cache Implementation Guide

## Phase Breakdown

### Phase 1: Core cache

**Goal**: Keep values
**Files to create**:
- `src/app/cache.py` - the cache

**Tests to write** (in `tests/test_cache.py`):
```python
def test_get_returns_what_was_set(): ...
def test_an_unknown_key_gives_nothing(): ...
```

**Success criteria**:
- [ ] All tests passing
- [ ] Coverage: 100%

**Commit**: `feat(cache): add core cache`

### Phase 2: Eviction

**Goal**: Forget the oldest
**Files to modify**:
- `src/app/cache.py`

**Tests to write** (in `tests/test_eviction.py`):
```python
def test_the_oldest_value_is_forgotten(): ...
```

**Success criteria**:
- [ ] All tests passing
- [ ] Coverage: 100%

**Commit**: `feat(cache): evict the oldest`
"""
GUIDE_PATH = "docs/plans/cache_implementation_guide.md"

CACHE_TESTS = """
from app.cache import Cache


def test_get_returns_what_was_set():
    cache = Cache()
    cache.set("a", 1)
    assert cache.get("a") == 1


def test_an_unknown_key_gives_nothing():
    assert Cache().get("a") is None
"""
CACHE = """
class Cache:
    def __init__(self):
        self.values = {}

    def set(self, key, value):
        self.values[key] = value

    def get(self, key):
        return self.values.get(key)
"""
PYPROJECT = f"""
[project]
name = "app"
version = "1"

[tool.pytest.ini_options]
pythonpath = ["src"]
testpaths = ["tests"]
{LEAN_OPTIONS}

[tool.phasegate]
source = ["src"]
"""

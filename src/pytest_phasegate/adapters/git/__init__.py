"""Git behind the ``Repository`` port."""

"""The steps of the main job. Tasks call them, and so do ``seedwire poll`` and the tests."""

"""The steps of the main job, each one walk through the rooms. Tasks call them; so do ``seedwire poll`` and the tests."""

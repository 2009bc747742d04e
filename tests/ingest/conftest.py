"""pytest puts the folder of a conftest.py on the path: so the helpers beside this one are found from the folders below."""

"""JupyterLab: the student's working copy, Check and Submit."""

cd /tmp/core; PYTHONPATH=/tmp/core /work/main/.venv/bin/python "$@"

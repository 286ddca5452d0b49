#!/bin/sh
# Runs the check with the libtorch of the PyTorch at hand. PYTHON names another python3.
here=$(cd "$(dirname "$0")" && pwd)
torch=$("${PYTHON:-python3}" -c 'import os, torch; print(os.path.join(os.path.dirname(torch.__file__), "lib"))') || exit 1
LD_LIBRARY_PATH="$torch:$here${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/gpu-check" run "$@"

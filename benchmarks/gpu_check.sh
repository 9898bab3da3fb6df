#!/bin/sh
# Everything of the fused loss that needs a GPU, in one command: its tests, then the tables, then whole steps.
# Needs PyTorch with CUDA, triton and pytest; the steps need Stillroom's dependencies and the teacher as well.
# PYTHON: the interpreter (python3). OUT: where the figures go (here).
set -u
cd "$(dirname "$0")/.."
python=${PYTHON:-python3} out=${OUT:-.}
export PYTHONPATH="$PWD/src${PYTHONPATH:+:$PYTHONPATH}"
failed=0

# The tests of these two files need nothing of the project's shared fixtures.
$python -m pytest -q --noconftest -p no:cacheprovider -c /dev/null --rootdir=. \
	tests/losses/test_fused.py tests/losses/test_fused_kernel.py || failed=1
for precision in bfloat16 float32; do
	$python benchmarks/engine_growth.py --device cuda --precision $precision --json "$out/growth-$precision.json" || failed=1
done
if $python -c "import transformers, accelerate" 2>/dev/null; then
	$python benchmarks/engine.py --device cuda --precision bfloat16 --skip-growth --json "$out/engine.json" \
		--grid-batch 1 8 32 --grid-time 432 1024 || failed=1
else
	echo "transformers is not installed: whole steps skipped"
fi
exit $failed

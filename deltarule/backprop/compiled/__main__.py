"""`python -m deltarule.backprop.compiled`: compiles the kernels, or finds them compiled, and tells where they are."""

import sys

from deltarule.backprop.compiled.compiling import cache_folder
from deltarule.backprop.compiled.preparing import prepare

if __name__ == "__main__":
    prepare()
    sys.stdout.write(f"The kernels are compiled and kept in {cache_folder()}.\n")

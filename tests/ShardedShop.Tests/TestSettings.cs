// libtorch's thread count and seed belong to the process, so tests of one assembly run one after another.
[assembly: DoNotParallelize]

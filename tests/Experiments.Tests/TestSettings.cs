// Seeds and thread counts of the tensor library are the process's, and experiments start processes that want all cores.
[assembly: DoNotParallelize]

// A host of the library whose torch state, threads and environment are its own. Tests start it: what goes wrong here would
// end, or change, the process that it happens in.
//   job STATE ENCODER         the main job under a state of torch; one line a result, with a hash of its bits
//   null-reference ENCODER    extracts one row, then catches a null reference
//   signal-stacks THREADS     enlarges the signal stacks of threads one after another, and counts what is left of them
//   openmp                    loads TorchSharp and prints how many threads it has
//   numbers ARITHMETIC ROUNDS numbers beside tensors while garbage is collected: how many results are not the quiet ones
//   same-numbers              "same" where TorchSharp's own operators give the library's bits while nothing is collected
using System.Globalization;
using Ssna.MLNet.HostProcess;

return args switch
{
    ["job", var state, var encoder] => MainJob.Run(state, encoder),
    ["null-reference", var encoder] => SignalStacks.CatchAfterExtraction(encoder),
    ["signal-stacks", var threads] => SignalStacks.Run(int.Parse(threads, CultureInfo.InvariantCulture)),
    ["openmp"] => OpenMP.Print(),
    ["same-numbers"] => BusyCollector.Compare(),
    ["numbers", var arithmetic, var rounds] => BusyCollector.Run(
        arithmetic,
        int.Parse(rounds, CultureInfo.InvariantCulture)
    ),
    _ => 2,
};

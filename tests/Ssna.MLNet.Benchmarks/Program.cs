using System.CommandLine;
using Ssna.MLNet.Benchmarks.Onnx;
using Ssna.MLNet.Benchmarks.Parts;
using Ssna.MLNet.Benchmarks.Serving;
using Ssna.MLNet.Benchmarks.WholeRuns;

var root = new RootCommand("Speed and memory of Ssna.MLNet, beside what this machine can do.")
{
    TrainingRun.Command(),
    ExtractionRun.Command(),
    PackingRun.Command(),
    LoRARun.Command(),
    ScaleRun.Command(),
    RanksRun.Command(),
    CacheRun.Command(),
    BatchRun.Command(),
    LatencyRun.Command(),
    PrecisionRun.Command(),
    LoadRun.Command(),
    ShardsRun.Command(),
    StartRun.Command(),
    StartRun.FirstCommand(),
    ParityRun.Command(),
    LargeRun.Command(),
    RoadsRun.Command(),
    Road.Command(),
    KillsRun.Command(),
    SoakRun.Command(),
    CheckpointsRun.Command(),
    PartsCommand.Create(),
};
return await root.Parse(args).InvokeAsync();

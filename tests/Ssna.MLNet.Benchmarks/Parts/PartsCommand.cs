using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Benchmarks.Parts;

/// <summary>The small parts by BenchmarkDotNet, each beside what it takes the place of.</summary>
internal static class PartsCommand
{
    private static readonly Type[] s_parts =
    [
        typeof(SelectionBenchmark),
        typeof(DropoutMaskBenchmark),
        typeof(ProductBenchmark),
        typeof(LastBlockBenchmark),
        typeof(SoftmaxBenchmark),
        typeof(PlanningBenchmark),
    ];

    public static Command Create()
    {
        var filter = new Option<string>("--filter")
        {
            DefaultValueFactory = _ => "*",
            Description = "Which, such as *Selection*.",
        };
        var artifacts = new Option<string>("--artifacts")
        {
            DefaultValueFactory = _ => "BenchmarkDotNet.Artifacts",
            Description = "Folder of BenchmarkDotNet's reports.",
        };
        var command = new Command("parts", "Small parts, by BenchmarkDotNet.") { filter, artifacts };
        command.SetAction(arguments =>
        {
            TorchRuntime.EnsureLoaded();
            // In this process, which has loaded libtorch already.
            ManualConfig config = ManualConfig
                .Create(DefaultConfig.Instance)
                .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
                .AddDiagnoser(MemoryDiagnoser.Default)
                .WithArtifactsPath(arguments.GetRequiredValue(artifacts));
            BenchmarkSwitcher.FromTypes(s_parts).Run(["--filter", arguments.GetRequiredValue(filter)], config);
        });
        return command;
    }
}

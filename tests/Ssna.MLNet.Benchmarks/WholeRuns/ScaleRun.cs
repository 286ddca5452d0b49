using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Mpi;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// Generated shops of any size, through the public trainer: an epoch's time, peak memory, top-k lists a second. By MPI's launchers, the
/// training by ranks.
/// </summary>
internal static class ScaleRun
{
    private const int Layers = 2;
    private const int Recommended = 10;
    private const int Served = 2048;

    public static Command Command()
    {
        var items = new Option<int>("--items") { DefaultValueFactory = _ => 10_000 };
        var users = new Option<int>("--users") { DefaultValueFactory = _ => 10_000 };
        var interactions = new Option<int>("--interactions")
        {
            DefaultValueFactory = _ => 10,
            Description = "Of each user.",
        };
        var width = new Option<int>("--width") { DefaultValueFactory = _ => 384, Description = "Of a feature layer." };
        var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 2048, Description = "Targets of a batch." };
        var negatives = new Option<int>("--negatives")
        {
            DefaultValueFactory = _ => new TrainingLoss.Auto().Negatives,
            Description = "Drawn for a batch where the loss is sampled.",
        };
        var steps = new Option<int?>("--steps") { Description = "Steps to train, if not a whole epoch." };
        var precision = new Option<ComputePrecision>("--precision")
        {
            DefaultValueFactory = _ => ComputePrecision.Auto,
        };
        var checkpoints = new Option<string?>("--checkpoints")
        {
            Description = "Folder of checkpoints, written at the default interval.",
        };
        var checkpointSteps = new Option<int?>("--checkpoint-steps") { Description = "Steps between them instead." };
        var threads = new Option<int?>("--threads") { Description = "Threads of each process." };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var command = new Command("scale", "One epoch on a generated shop.")
        {
            items,
            users,
            interactions,
            width,
            batch,
            negatives,
            steps,
            precision,
            checkpoints,
            checkpointSteps,
            threads,
            json,
        };
        command.SetAction(arguments =>
        {
            MpiCollective ranks = MpiCollective.FromEnvironment(log: Console.Error.WriteLine);
            if (ranks.Rank != 0)
            {
                Console.SetOut(TextWriter.Null);
            }
            var results = new Results("scale");
            Run(
                arguments.GetValue(items),
                arguments.GetValue(users),
                arguments.GetValue(interactions),
                arguments.GetValue(width),
                arguments.GetValue(batch),
                arguments.GetValue(negatives),
                arguments.GetValue(steps),
                arguments.GetValue(precision),
                arguments.GetValue(checkpoints),
                arguments.GetValue(checkpointSteps),
                arguments.GetValue(threads),
                ranks,
                results
            );
            if (ranks.Rank == 0)
            {
                results.Write(arguments.GetValue(json));
            }
        });
        return command;
    }

    private static void Run(
        int items,
        int users,
        int interactions,
        int width,
        int batch,
        int negatives,
        int? steps,
        ComputePrecision precision,
        string? checkpoints,
        int? checkpointSteps,
        int? threads,
        MpiCollective ranks,
        Results results
    )
    {
        TorchRuntime.EnsureLoaded();
        results.Add("items", items, "");
        results.Add("users", users, "");
        results.Add("targets of a batch", batch, "");
        results.Add("negatives drawn for a batch, if sampled", negatives, "");
        results.Add("libtorch and runtime alone", Machine.ResidentMegabytes, "MB");
        var mlContext = new MLContext(1);
        var schema = SchemaDefinition.Create(typeof(ItemRow));
        schema[nameof(ItemRow.Layers)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, Layers, width);
        var options = new SsnaTrainer.Options
        {
            Items = mlContext.Data.LoadFromEnumerable(GeneratedShop.Items(items, Layers, width), schema),
            MaximumEpochs = 1,
            BatchSize = batch,
            Loss = new TrainingLoss.Auto { Negatives = negatives },
            MaximumSteps = steps,
            Precision = precision,
            CheckpointFolder = checkpoints,
            CheckpointSteps = checkpointSteps,
            NumberOfThreads = threads,
            Collective = ranks,
        };
        SsnaTrainingProgress? epoch = null;
        options.Progress = new Progress(value => epoch = value);
        mlContext.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Info && entry.Source.StartsWith("Ssna", StringComparison.Ordinal))
            {
                Console.WriteLine(entry.RawMessage);
            }
        };
        IDataView sequences = mlContext.Data.LoadFromEnumerable(GeneratedShop.Users(users, items, interactions));
        long start = Stopwatch.GetTimestamp();
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(sequences);
        results.Add("fit, reading included", Stopwatch.GetElapsedTime(start).TotalSeconds, "s");
        double share = (double)epoch!.Steps / epoch.StepsPerEpoch;
        string name = share == 1 ? "epoch" : $"epoch, by {epoch.Steps} of {epoch.StepsPerEpoch} steps";
        double seconds = epoch.TrainingTime.TotalSeconds / share;
        results.Add(name, seconds, "s");
        results.Add("epoch, a training case", seconds * 1e6 / (users * (interactions - 2.0)), "us");
        results.Add("validation", epoch.ValidationTime.TotalSeconds, "s");
        results.Add("validation Recall@10", epoch.ValidationRecallAt10, "");
        results.Add("peak memory of training", Machine.PeakMegabytes, "MB");
        if (ranks.Size > 1)
        {
            AddRanks(ranks, results);
            return;
        }

        int[][] histories = [.. GeneratedShop.Users(Served, items, interactions).Select(user => user.Sequence)];
        model.RecommendMany(histories.Take(64), Recommended);
        start = Stopwatch.GetTimestamp();
        model.RecommendMany(histories, Recommended);
        results.Add("top-10 lists a second", Served / Stopwatch.GetElapsedTime(start).TotalSeconds, "");

        // The last item of each history is the one to find, and is no part of it.
        IDataView served = mlContext.Data.LoadFromEnumerable(
            histories.Select(items => new LabelledUserRow { Sequence = items[..^1], Label = items[^1] })
        );
        start = Stopwatch.GetTimestamp();
        mlContext.Recommendation().EvaluateRanking(model.Transform(served), cutoffs: [Recommended]);
        results.Add("rows evaluated a second", Served / Stopwatch.GetElapsedTime(start).TotalSeconds, "");
        results.Add("peak memory", Machine.PeakMegabytes, "MB");
    }

    // The whole training, its reading apart: validation and the final embeddings too.
    private static void AddRanks(MpiCollective ranks, Results results)
    {
        MpiStatistics found = ranks.Statistics;
        string[] peaks = new Ranks(ranks).OfEach(Machine.PeakMegabytes.ToString(CultureInfo.InvariantCulture));
        foreach ((int rank, string peak) in peaks.Index())
        {
            results.Add($"peak memory of rank {rank}", double.Parse(peak, CultureInfo.InvariantCulture), "MB");
        }
        results.Add("exchanged by a rank", found.Bytes / 1e6, "MB");
        results.Add("calls", found.Calls, "");
        results.Add("time in them, moving numbers", found.Moving.TotalSeconds, "s");
        results.Add("waiting for other ranks before them", found.Waiting.TotalSeconds, "s");
    }

    private sealed class Progress(Action<SsnaTrainingProgress> report) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value) => report(value);
    }
}

/// <summary>A row of the generated catalogue.</summary>
internal sealed class ItemRow
{
    public int Item { get; set; }

    public float[] Layers { get; set; } = [];
}

/// <summary>A row of the generated users.</summary>
internal sealed class UserRow
{
    public int[] Sequence { get; set; } = [];
}

/// <summary>A row of the generated users, with the item that came next.</summary>
internal sealed class LabelledUserRow
{
    public int[] Sequence { get; set; } = [];

    public int Label { get; set; }
}

using System.CommandLine;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Items;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Training;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>What a training benchmark runs on: options, items and sequences of a data folder.</summary>
internal sealed class TrainingSetting : IDisposable
{
    private TrainingSetting(
        SsnaTrainer.Options options,
        BenchmarkData data,
        string encoder,
        ItemTable items,
        TrainingSequences sequences
    ) => (Options, Data, Encoder, Items, Sequences) = (options, data, encoder, items, sequences);

    public SsnaTrainer.Options Options { get; }

    public BenchmarkData Data { get; }

    /// <summary>The folder of the encoder that made the items' features.</summary>
    public string Encoder { get; }

    public ItemTable Items { get; }

    public TrainingSequences Sequences { get; }

    /// <summary>A command whose work gets a setting, from the options that all training benchmarks have.</summary>
    /// <param name="name">The command's name.</param>
    /// <param name="description">What it measures.</param>
    /// <param name="run">The work.</param>
    /// <param name="presets">The presets to choose from, the usual one first.</param>
    public static Command Command(
        string name,
        string description,
        Action<TrainingSetting, Results> run,
        params string[] presets
    )
    {
        var data = new Option<string>("--data") { Required = true, Description = "Folder of a data set." };
        var model = new Option<string>("--model") { Required = true, Description = "Folder of the encoder." };
        var cache = new Option<string?>("--cache") { Description = "Folder that keeps extracted layers." };
        var json = new Option<string?>("--json") { Description = "Where the figures are written." };
        var preset = new Option<string>("--preset") { DefaultValueFactory = _ => presets[0] };
        preset.AcceptOnlyFromAmong(presets);
        var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 3 };
        var precision = new Option<ComputePrecision>("--precision")
        {
            DefaultValueFactory = _ => ComputePrecision.Auto,
        };
        var command = new Command(name, description) { data, model, cache, json, preset, epochs, precision };
        command.SetAction(arguments =>
        {
            SsnaTrainer.Options options =
                arguments.GetValue(preset) == "paper" ? SsnaTrainer.Options.Paper() : new SsnaTrainer.Options();
            options.MaximumEpochs = arguments.GetValue(epochs);
            options.Precision = arguments.GetValue(precision);
            var results = new Results(name);
            using TrainingSetting setting = Load(
                options,
                arguments.GetRequiredValue(data),
                arguments.GetRequiredValue(model),
                arguments.GetValue(cache)
            );
            run(setting, results);
            results.Write(arguments.GetValue(json));
        });
        return command;
    }

    /// <summary>The operations that an epoch of packed training needs.</summary>
    public double OperationsOfAnEpoch()
    {
        BatchNeeds needs = Options.Loss.For(Items.Ids.Count).Needs;
        BatchPlanner planner = Planner(Options);
        return planner
            .Deal(new Random(1))
            .Select(windows => planner.Build(windows, new Random(1)))
            .Sum(batch =>
                Operations.TrainingStep(
                    Options,
                    Items.Values.Rows.shape[2],
                    batch.Items?.Length ?? Items.Ids.Count,
                    needs.WholeCatalogue ? Items.Ids.Count
                        : needs.Negatives > 0 ? batch.Cases.Candidates
                        : batch.Cases.Targets.Length,
                    batch
                )
            );
    }

    /// <summary>Cuts the training sequences, and draws negatives, as options say.</summary>
    public BatchPlanner Planner(SsnaTrainer.Options options)
    {
        BatchPlanner.Settings settings = BatchPlanner.Settings.Of(options, options.Loss.For(Items.Ids.Count));
        return new(
            Sequences.Training,
            Items.Ids.Count,
            settings with
            {
                Loss = settings.Loss with { FindSeen = false },
            }
        );
    }

    public void Dispose() => Items.Dispose();

    private static TrainingSetting Load(SsnaTrainer.Options options, string dataFolder, string encoder, string? cache)
    {
        TorchRuntime.EnsureLoaded();
        var mlContext = new MLContext(1);
        var data = new BenchmarkData(mlContext, dataFolder);
        ItemTable items = data.Features(encoder, cache, ((ItemAdaptation.Ssna)options.Adaptation).LayerCount);
        using IChannel channel = ((IHostEnvironment)mlContext).Start("Benchmark");
        return new(
            options,
            data,
            encoder,
            items,
            TrainingSequences.Read(
                channel,
                data.TrainingSequences(),
                validation: null,
                options.ForTrainingData(),
                items.Ids,
                RunContext.None
            )
        );
    }
}

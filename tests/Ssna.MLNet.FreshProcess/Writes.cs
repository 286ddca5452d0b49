using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;

/// <summary>Everything that the library writes, in a process in which it can be made to fail.</summary>
internal static class Writes
{
    private static readonly MLContext s_context = new(1);

    // Writes to a path; from the call of the second on, files do not grow beyond the limit.
    private delegate void Write(string target, Action limit);

    /// <param name="mode">"free"; "full": writes beyond the limit fail; "kill": they end the process; "readonly": without root's rights.</param>
    /// <param name="limit">The longest file, in bytes.</param>
    /// <param name="jobs">Kind, source and target of each write.</param>
    public static int Run(string mode, long limit, string[] jobs)
    {
        s_context.Log += (_, entry) =>
        {
            if (
                entry.RawMessage.StartsWith("No checkpoint", StringComparison.Ordinal)
                || entry.RawMessage.StartsWith("Going on", StringComparison.Ordinal)
                || entry.RawMessage.StartsWith("Extracted layers are no longer", StringComparison.Ordinal)
            )
            {
                Console.WriteLine(entry.RawMessage);
            }
        };
        (string Kind, Write Write, string Target)[] writes =
        [
            .. jobs.Chunk(3).Select(job => (job[0], Of(job[0], job[1]), job[2])),
        ];
        if (mode == "full")
        {
            FileSizeLimit.FailInstead();
        }
        if (mode == "readonly" && !FileSizeLimit.GiveUpRoot())
        {
            Console.WriteLine("root");
            return 0;
        }
        foreach ((string kind, Write write, string target) in writes)
        {
            try
            {
                write(
                    target,
                    () =>
                    {
                        if (mode is "full" or "kill")
                        {
                            FileSizeLimit.Set(limit);
                        }
                    }
                );
                Console.WriteLine($"{kind}: written");
            }
            catch (Exception error)
            {
                Console.WriteLine($"{kind}: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}");
            }
            if (mode is "full" or "kill")
            {
                FileSizeLimit.Lift();
            }
        }
        return 0;
    }

    private static Write Of(string kind, string source)
    {
        switch (kind)
        {
            case "model":
                SsnaTransformer model = SsnaTransformer.Load(s_context, source);
                return Limited(model.Save);
            case "adapter":
                SsnaTransformer adapted = SsnaTransformer.Load(s_context, source);
                return Limited(adapted.SaveAdapter);
            case "encoder":
                SsnaTransformer trained = SsnaTransformer.Load(s_context, source);
                return Limited(trained.SaveEncoder);
            case "layers":
                var layers = (EncoderLayersTransformer)s_context.Model.Load(source, out _);
                return Limited(layers.Save);
            case "cache":
                return Limited(target => Extract(source, target));
            case "search":
                return Limited(target => Search(source, target));
            case "checkpoint":
                return (target, limit) => Train(source, target, limit);
            default:
                throw new ArgumentException($"There is no write '{kind}'.", nameof(kind));
        }
    }

    private static Write Limited(Action<string> write) =>
        (target, limit) =>
        {
            limit();
            write(target);
        };

    // The limit comes with the end of the first epoch, behind checkpoints that are whole.
    private static void Train(string zip, string folder, Action limit)
    {
        (SsnaTrainer.Options options, IDataView users) = LongTraining.Shop(s_context);
        (options.CheckpointFolder, options.CheckpointSteps) = (folder, 1);
        options.Progress = new First(limit);
        using SsnaTransformer model = s_context.Recommendation().Trainers.Ssna(options).Fit(users);
        FileSizeLimit.Lift();
        model.Save(zip);
    }

    private static void Search(string learningRates, string folder)
    {
        (SsnaTrainer.Options options, IDataView users) = LongTraining.Shop(s_context);
        options.MaximumEpochs = 1;
        using SsnaSearchResult result = s_context
            .Recommendation()
            .Trainers.SsnaGridSearch(
                new SsnaGridSearch.Options
                {
                    Trainer = options,
                    Axes =
                    [
                        SsnaSearchAxis.Of(
                            "LearningRate",
                            [
                                .. learningRates
                                    .Split(' ')
                                    .Select(rate => float.Parse(rate, CultureInfo.InvariantCulture)),
                            ],
                            (options, rate) => options.LearningRate = rate
                        ),
                    ],
                    Folder = folder,
                }
            )
            .Fit(users);
        Console.WriteLine($"{result.Trials.Count} trials");
    }

    private static void Extract(string encoder, string cache)
    {
        IDataView texts = s_context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 12).Select(i => new { Text = string.Join(' ', Enumerable.Repeat("red", i + 1)) })
        );
        using EncoderLayersTransformer transformer = s_context
            .Transforms.Text.ExtractEncoderLayers(
                new EncoderLayersEstimator.Options
                {
                    OutputColumnName = "Layers",
                    InputColumnName = "Text",
                    Model = encoder,
                    Layers = 2,
                    CacheFolder = cache,
                    TokensPerBatch = 32,
                    NumberOfThreads = 1,
                }
            )
            .Fit(texts);
        IEnumerable<string> values = transformer
            .Transform(texts)
            .GetColumn<VBuffer<float>>("Layers")
            .SelectMany(row => row.DenseValues())
            .Select(value => value.ToString(CultureInfo.InvariantCulture));
        Console.WriteLine(string.Join(' ', values));
        Console.WriteLine($"{transformer.Computed.Texts} computed");
    }

    private sealed class First(Action act) : IProgress<SsnaTrainingProgress>
    {
        public void Report(SsnaTrainingProgress value)
        {
            if (value.Epoch == 1)
            {
                act();
            }
        }
    }
}

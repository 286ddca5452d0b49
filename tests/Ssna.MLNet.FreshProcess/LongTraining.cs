using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

/// <summary>A training of a few seconds that writes a checkpoint behind every step, for who kills it.</summary>
internal static class LongTraining
{
    private const int Items = 300;

    /// <param name="zip">Where the model is saved.</param>
    /// <param name="checkpoints">The folder of checkpoints; empty for none.</param>
    public static int Run(string zip, string checkpoints)
    {
        var mlContext = new MLContext(1);
        (SsnaTrainer.Options options, IDataView users) = Shop(mlContext);
        options.CheckpointFolder = checkpoints.Length == 0 ? null : checkpoints;
        options.CheckpointSteps = 1;
        Console.WriteLine("training");
        using SsnaTransformer model = mlContext.Recommendation().Trainers.Ssna(options).Fit(users);
        model.Save(zip);
        return 0;
    }

    /// <summary>What it trains on, and how.</summary>
    public static (SsnaTrainer.Options Options, IDataView Users) Shop(MLContext mlContext)
    {
        var random = new Random(1);
        var options = new SsnaTrainer.Options
        {
            Items = mlContext.Data.LoadFromEnumerable(
                Enumerable
                    .Range(0, Items)
                    .Select(i => new Item
                    {
                        Id = $"{i}",
                        Layers = [.. Enumerable.Range(0, 2 * 32).Select(_ => random.NextSingle() - 0.5f)],
                    })
                    .ToArray()
            ),
            ItemColumnName = nameof(Item.Id),
            Dimension = 64,
            SequenceModel = new SequenceModel.SASRec { InnerSize = 64, MaximumSequenceLength = 12 },
            BatchSize = 200,
            MaximumEpochs = 4,
            NumberOfThreads = 1,
        };
        IDataView users = mlContext.Data.LoadFromEnumerable(
            Enumerable
                .Range(0, 400)
                .Select(user => new User
                {
                    Sequence =
                    [
                        .. Enumerable
                            .Range(0, 3 + (user % 9))
                            .Select(i => $"{((user * 7) + (i * (1 + (user % 3)))) % Items}"),
                    ],
                })
                .ToArray()
        );
        return (options, users);
    }

    private sealed class Item
    {
        public string Id { get; set; } = "";

        [VectorType(2, 32)]
        public float[] Layers { get; set; } = [];
    }

    private sealed class User
    {
        public string[] Sequence { get; set; } = [];
    }
}

using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Items in a circle, each followed by the next one in every sequence; random features tell them apart.</summary>
internal static class CircleShop
{
    public const int Items = 60;
    public const int Layers = 3;
    public const int Width = 24;

    /// <summary>Settings of a model that learns the circle in a second.</summary>
    public static SsnaTrainer.Options Options() =>
        new()
        {
            Dimension = 32,
            Adaptation = new ItemAdaptation.Ssna { AdapterHeads = 2 },
            SequenceModel = new SequenceModel.SASRec { InnerSize = 32, MaximumSequenceLength = 10 },
            BatchSize = 256,
            MaximumEpochs = 15,
            LearningRate = 3e-3f,
            Precision = ComputePrecision.Float32,
            NumberOfThreads = 1, // such small products gain nothing from more
        };

    /// <summary>A loss by the name of its kind, for rows of data.</summary>
    public static TrainingLoss Loss(string kind) =>
        kind switch
        {
            // The usual number of negatives would draw each of so few items several times.
            nameof(TrainingLoss.SampledCatalogue) => new TrainingLoss.SampledCatalogue { Negatives = 8 },
            nameof(TrainingLoss.BinaryCrossEntropy) => new TrainingLoss.BinaryCrossEntropy { Negatives = 8 },
            nameof(TrainingLoss.InBatch) => new TrainingLoss.InBatch(),
            _ => new TrainingLoss.FullCatalogue(),
        };

    /// <summary>A loss at work on what a planner deals out.</summary>
    public static BatchLoss Start(TrainingLoss loss, BatchPlanner planner, int batchSize = 400) =>
        loss.Start(new TargetCounts(planner.TargetCounts(), planner.CaseCount, batchSize), CPU);

    public static Tensor Features()
    {
        using var generator = new Generator(7, CPU);
        return randn(Items, Layers, Width, generator: generator);
    }

    public static SequenceSet Sequences(int count, int shortest = 3, int longest = 15)
    {
        var random = new Random(5);
        var items = new List<int>();
        var offsets = new List<int> { 0 };
        for (int i = 0; i < count; i++)
        {
            int start = random.Next(Items);
            items.AddRange(Enumerable.Range(start, random.Next(shortest, longest + 1)).Select(item => item % Items));
            offsets.Add(items.Count);
        }
        return new SequenceSet([.. items], [.. offsets]);
    }
}

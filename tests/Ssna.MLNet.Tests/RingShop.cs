using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tests;

/// <summary>A shop whose users go round a ring of items: after each item comes the next. Learnt in seconds.</summary>
internal static class RingShop
{
    public const int ItemCount = 60;
    public const int Layers = 2;
    public const int Width = 8;

    /// <summary>Item 7 is "item07"; the id of the type <typeparamref name="T"/>.</summary>
    public static T Id<T>(int item) =>
        typeof(T) == typeof(string)
            ? (T)(object)$"item{item:00}"
            : (T)Convert.ChangeType(1000 + item, typeof(T), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Features that belong to an item: random, the same in every run.</summary>
    public static float[] Features(int item)
    {
        var random = new Random(item);
        return [.. Enumerable.Range(0, Layers * Width).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    public static IDataView Items<T>(MLContext context, IEnumerable<int>? items = null) =>
        context.Data.LoadFromEnumerable(
            (items ?? Enumerable.Range(0, ItemCount)).Select(item => new ItemRow<T>
            {
                Item = Id<T>(item),
                Layers = Features(item),
            })
        );

    /// <summary>Users with the items at the given places of the ring.</summary>
    public static IDataView Users<T>(MLContext context, params IEnumerable<int>[] sequences) =>
        context.Data.LoadFromEnumerable(
            sequences.Select((sequence, user) => new UserRow<T> { User = user, Sequence = [.. sequence.Select(Id<T>)] })
        );

    public static IDataView TrainingUsers<T>(MLContext context, int users = 200)
    {
        var random = new Random(5);
        return Users<T>(
            context,
            [.. Enumerable.Range(0, users).Select(_ => Walk(random.Next(ItemCount), random.Next(4, 10)).ToArray())]
        );
    }

    /// <summary>So many items from one on.</summary>
    public static IEnumerable<int> Walk(int from, int length) =>
        Enumerable.Range(from, length).Select(i => i % ItemCount);

    public static SsnaTrainer.Options Options<T>(MLContext context) =>
        new()
        {
            Items = Items<T>(context),
            Dimension = 16,
            Adaptation = new ItemAdaptation.Ssna { AdapterHeads = 2, FeatureDropout = 0 },
            SequenceModel = new SequenceModel.SASRec
            {
                InnerSize = 32,
                Dropout = 0,
                MaximumSequenceLength = 8,
            },
            BatchSize = 128,
            Loss = new TrainingLoss.Auto { LabelSmoothing = 0 }, // the rule of the ring has no exceptions
            LearningRate = 5e-3f,
            MaximumEpochs = 30,
            LearnRepeats = false, // what is asked of it is what the sequence model says: RepeatsTests has the other half
            TopK = 5,
            Seed = 3,
            Precision = Microsoft.ML.Transforms.ComputePrecision.Float32,
        };

    /// <summary>A model that has learnt next to nothing, in no time.</summary>
    public static SsnaTransformer Fit<T>(MLContext context)
    {
        SsnaTrainer.Options options = Options<T>(context);
        options.MaximumEpochs = 1;
        return context.Recommendation().Trainers.Ssna(options).Fit(TrainingUsers<T>(context));
    }

    public sealed class ItemRow<T>
    {
        public T Item { get; set; } = default!;

        [VectorType(RingShop.Layers, Width)]
        public float[] Layers { get; set; } = [];
    }

    public sealed class UserRow<T>
    {
        public int User { get; set; }

        public T[] Sequence { get; set; } = [];
    }

    public sealed class Recommendations<T>
    {
        public float[] Score { get; set; } = [];

        public T[] RecommendedItems { get; set; } = [];

        public float[] RecommendedScores { get; set; } = [];
    }
}

using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Training;

/// <summary>Checks the trainer's options before any work is done with them.</summary>
internal static class OptionsChecks
{
    // What some kinds of adaptation read and others do not.
    private static readonly (string Name, Func<SsnaTrainer.Options, object?> Read)[] s_ofAdaptations =
    [
        (nameof(SsnaTrainer.Options.FeaturesColumnName), o => o.FeaturesColumnName),
        (nameof(SsnaTrainer.Options.ItemPipeline), o => o.ItemPipeline),
        (nameof(SsnaTrainer.Options.LayerCount), o => o.LayerCount),
        (nameof(SsnaTrainer.Options.AdapterHeads), o => o.AdapterHeads),
        (nameof(SsnaTrainer.Options.Integration), o => o.Integration),
        (nameof(SsnaTrainer.Options.FeatureScaling), o => o.FeatureScaling),
        (nameof(SsnaTrainer.Options.RoutingNoiseFloor), o => o.RoutingNoiseFloor),
        (nameof(SsnaTrainer.Options.FeatureDropout), o => o.FeatureDropout),
    ];

    /// <exception cref="ArgumentOutOfRangeException">An option is missing or out of its range; the message names it.</exception>
    public static void Check(SsnaTrainer.Options o)
    {
        Require(o.Items is not null, null, nameof(o.Items), "a data view with one row an item");
        CheckNames(o);
        AtLeast(1, o.TopK, nameof(o.TopK));

        Require(o.Loss is not null, null, nameof(o.Loss), "a kind of TrainingLoss");
        o.Loss!.Check();

        Require(o.Adaptation is not null, null, nameof(o.Adaptation), "a kind of ItemAdaptation");
        o.Adaptation!.Check(o);
        foreach ((string name, Func<SsnaTrainer.Options, object?> read) in s_ofAdaptations)
        {
            CheckUnread(o, name, read);
        }
        AtLeast(1, o.LayerCount, nameof(o.LayerCount));
        AtLeast(1, o.AdapterHeads, nameof(o.AdapterHeads));
        Require(Enum.IsDefined(o.Integration), o.Integration, nameof(o.Integration), "a defined value");
        Require(Enum.IsDefined(o.FeatureScaling), o.FeatureScaling, nameof(o.FeatureScaling), "a defined value");
        NotNegative(o.RoutingNoiseFloor, nameof(o.RoutingNoiseFloor));
        Share(o.FeatureDropout, nameof(o.FeatureDropout));
        ShapeChecks.Sequence(o.Dimension, o.SequenceBlocks, o.AttentionHeads, o.InnerSize, o.MaximumSequenceLength);
        Share(o.Dropout, nameof(o.Dropout));

        AtLeast(1, o.BatchSize, nameof(o.BatchSize));
        AtLeast(1, o.AccumulatedBatches, nameof(o.AccumulatedBatches));
        Positive(o.LearningRate, nameof(o.LearningRate));
        AtLeast(1, o.MaximumEpochs, nameof(o.MaximumEpochs));
        Require(o.MaximumSteps is null or >= 1, o.MaximumSteps, nameof(o.MaximumSteps), "at least 1 or null");
        AtLeast(1, o.Patience, nameof(o.Patience));
        AtLeast(1, o.MaximumValidationCases, nameof(o.MaximumValidationCases));
        Require(o.FeatureMemoryBudget >= 0, o.FeatureMemoryBudget, nameof(o.FeatureMemoryBudget), "at least 0");
        Require(
            o.MaximumTime is null || o.MaximumTime > TimeSpan.Zero,
            o.MaximumTime,
            nameof(o.MaximumTime),
            "a positive time or null"
        );
        Share(o.ItemDropout, nameof(o.ItemDropout));
        Share(o.WeightAverageDecay, nameof(o.WeightAverageDecay));
        Require(Enum.IsDefined(o.Precision), o.Precision, nameof(o.Precision), "a defined value");
        Require(
            o.Threads is null || (o.Threads >= 1 && o.Threads <= TensorThreads.Maximum),
            o.Threads,
            nameof(o.Threads),
            $"from 1 to {TensorThreads.Maximum} on this machine, or null"
        );
        Require(o.GpuDeviceId is null or >= 0, o.GpuDeviceId, nameof(o.GpuDeviceId), "at least 0 or null");
        TrainingMemory.Check(o, TrainingMemory.Data.Unknown);
    }

    private static void CheckNames(SsnaTrainer.Options o)
    {
        NotEmpty(o.SequenceColumnName, nameof(o.SequenceColumnName));
        NotEmpty(o.ItemColumnName, nameof(o.ItemColumnName));
        NotEmpty(o.FeaturesColumnName, nameof(o.FeaturesColumnName));
        NotEmpty(o.ScoreColumnName, nameof(o.ScoreColumnName));
        NotEmpty(o.RecommendedItemsColumnName, nameof(o.RecommendedItemsColumnName));
        NotEmpty(o.RecommendedScoresColumnName, nameof(o.RecommendedScoresColumnName));
        NotEmpty(o.ValidationLabelColumnName, nameof(o.ValidationLabelColumnName));
        CheckOutputs(o.ScoreColumnName, o.RecommendedItemsColumnName, o.RecommendedScoresColumnName);
    }

    public static void CheckOutputs(params string[] outputs)
    {
        Require(
            !outputs.Any(string.IsNullOrEmpty) && outputs.Distinct().Count() == outputs.Length,
            string.Join(", ", outputs),
            "ScoreColumnName, RecommendedItemsColumnName and RecommendedScoresColumnName",
            "three different names"
        );
    }

    // An option that would do nothing keeps the value of one of the presets.
    private static void CheckUnread(SsnaTrainer.Options o, string option, Func<SsnaTrainer.Options, object?> read)
    {
        object? value = read(o);
        object? usual = read(new SsnaTrainer.Options());
        Require(
            o.Adaptation.Reads.Contains(option)
                || Equals(value, usual)
                || Equals(value, read(SsnaTrainer.Options.Paper)),
            value,
            option,
            $"{usual ?? "null"}, its default, as Adaptation {o.Adaptation.Name} does not read it"
        );
    }

    public static void NotEmpty(string value, string option) =>
        Require(!string.IsNullOrEmpty(value), value, option, "a column name");

    public static void AtLeast(int minimum, int value, string option) =>
        Require(value >= minimum, value, option, $"at least {minimum}");

    public static void Within(int minimum, int maximum, int value, string option) =>
        Require(value >= minimum && value <= maximum, value, option, $"from {minimum} to {maximum}");

    private static void NotNegative(float value, string option) =>
        Require(value >= 0 && float.IsFinite(value), value, option, "a number of at least 0");

    public static void Positive(float value, string option) =>
        Require(value > 0 && float.IsFinite(value), value, option, "a number above 0");

    public static void Share(float value, string option) =>
        Require(value is >= 0 and < 1, value, option, "at least 0 and less than 1");

    /// <exception cref="ArgumentOutOfRangeException">It does not hold.</exception>
    public static void Require(bool holds, object? found, string option, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(
                option,
                found,
                FormattableString.Invariant($"Option {option}: expected {expected}, found {found ?? "null"}.")
            );
        }
    }
}

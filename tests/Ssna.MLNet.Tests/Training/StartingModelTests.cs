using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>A training that starts from a model, inside: gradients of the part that is trained, and checkpoints.</summary>
[TestClass]
public sealed class StartingModelTests
{
    private static readonly int[] s_sameItems = [.. Enumerable.Range(0, CircleShop.Items)];

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow(FrozenPart.ItemEncoder, "InBatch")]
    [DataRow(FrozenPart.ItemEncoder, "FullCatalogue")]
    [DataRow(FrozenPart.ItemEncoder, "SampledCatalogue")]
    [DataRow(FrozenPart.ItemEncoder, "BinaryCrossEntropy")]
    [DataRow(FrozenPart.SequenceModel, "InBatch")]
    public void The_gradients_of_the_trained_part_are_those_that_it_has_in_the_whole(FrozenPart frozen, string loss)
    {
        (float[] whole, int ofItems) = Gradients(FrozenPart.None, loss);
        (float[] part, _) = Gradients(frozen, loss);
        float[] expected = frozen == FrozenPart.ItemEncoder ? whole[ofItems..] : whole[..ofItems];
        Assert.HasCount(expected.Length, part);
        Assert.IsGreaterThan(0.01f, expected.Max(MathF.Abs));
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.AreEqual(expected[i], part[i], 1e-6f);
        }
    }

    [TestMethod]
    [DataRow(FrozenPart.None)]
    [DataRow(FrozenPart.ItemEncoder)]
    [DataRow(FrozenPart.SequenceModel)]
    public void A_training_broken_off_goes_on_from_its_checkpoint_and_ends_as_one_that_was_not(FrozenPart frozen)
    {
        using SsnaModel model = Model(seed: 4);
        var start = new StartingModel(model, s_sameItems);
        SsnaTrainingResult whole = Train(Options(frozen), start);
        using var folder = new TemporaryFolder();
        SsnaTrainer.Options broken = In(folder.Path, frozen);
        BreakOff(broken, start);
        SsnaTrainingResult ended = Train(In(folder.Path, frozen), start);
        CollectionAssert.AreEqual(Weights(whole.Model), Weights(ended.Model));
        CollectionAssert.AreNotEqual(Weights(model), Weights(ended.Model));
        Assert.AreEqual(frozen == FrozenPart.ItemEncoder, ended.Embeddings is not null);
        foreach (SsnaTrainingResult result in new[] { whole, ended })
        {
            result.Embeddings?.Dispose();
            result.Model.Dispose();
        }
    }

    [TestMethod]
    public void The_checkpoints_of_another_start_are_refused_by_name()
    {
        using SsnaModel model = Model(seed: 4);
        using SsnaModel other = Model(seed: 5);
        using var folder = new TemporaryFolder();
        BreakOff(In(folder.Path), new StartingModel(model, s_sameItems));
        int[] withNew = [.. s_sameItems];
        withNew[7] = -1;
        foreach (
            StartingModel? start in new[]
            {
                new StartingModel(other, s_sameItems),
                new StartingModel(model, withNew),
                null,
            }
        )
        {
            var error = Assert.Throws<InvalidOperationException>(() => Train(In(folder.Path), start));
            StringAssert.Contains(error.Message, "CheckpointFolder");
            StringAssert.Contains(error.Message, "StartFrom is");
        }
        var frozen = Assert.Throws<InvalidOperationException>(() =>
            Train(In(folder.Path, FrozenPart.SequenceModel), new StartingModel(model, s_sameItems))
        );
        StringAssert.Contains(frozen.Message, "FrozenPart is None there and SequenceModel here");
    }

    private static (float[] Gradients, int OfItems) Gradients(FrozenPart frozen, string kind)
    {
        using var scope = NewDisposeScope();
        SsnaTrainer.Options options = CircleShop.Options();
        TrainingLoss loss = CircleShop.Loss(kind);
        using Tensor features = CircleShop.Features();
        using SsnaModel model = Runs.Model(options, features, seed: 2);
        using Tensor items = model.Items.Prepare(features);
        using Tensor? embeddings =
            frozen == FrozenPart.ItemEncoder ? ItemEmbeddings.Of(model, Held.Of(features), RunContext.None) : null;
        model.RequireGradients(frozen);
        var planner = new BatchPlanner(
            CircleShop.Sequences(30),
            CircleShop.Items,
            BatchPlanner.Settings.Of(options, loss)
        );
        using BatchLoss started = CircleShop.Start(loss, planner);
        var pass = new ForwardPass(ComputePrecision.Float32, noise: null);
        var step = new TrainingStep(model, Held.Of(items), started, itemDropout: 0, pass, embeddings);
        step.Accumulate(planner.Build(planner.Deal(new Random(1))[0], new Random(1)));
        int ofItems = (int)
            model
                .Parameters.All.TakeWhile(parameter =>
                    !parameter.Name.StartsWith("sequence.", StringComparison.Ordinal)
                )
                .Sum(parameter => (parameter.Length + 15) / 16 * 16);
        return (model.Parameters.Gradients.data<float>().ToArray(), ofItems);
    }

    private static SsnaModel Model(int seed)
    {
        using Tensor features = CircleShop.Features();
        return Runs.Model(CircleShop.Options(), features, seed);
    }

    // Three epochs of some six steps each, with noise and dropout.
    private static SsnaTrainer.Options Options(FrozenPart frozen = FrozenPart.None)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        (options.BatchSize, options.MaximumEpochs, options.FrozenPart) = (60, 3, frozen);
        return options;
    }

    private static SsnaTrainer.Options In(string folder, FrozenPart frozen = FrozenPart.None)
    {
        SsnaTrainer.Options options = Options(frozen);
        (options.CheckpointFolder, options.CheckpointSteps) = (folder, 1);
        return options;
    }

    // Cancelled behind its first epoch.
    private static void BreakOff(SsnaTrainer.Options options, StartingModel start)
    {
        using var source = new CancellationTokenSource();
        options.Progress = new Calling<SsnaTrainingProgress>(_ => source.Cancel());
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(options, start, source.Token));
    }

    private static SsnaTrainingResult Train(
        SsnaTrainer.Options options,
        StartingModel? start,
        CancellationToken token = default
    )
    {
        using Tensor features = CircleShop.Features();
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(CircleShop.Sequences(60));
        return Runs.Train(options, features, training, cases, token: token, start: start);
    }

    private static float[] Weights(SsnaModel model) => model.Parameters.Values.data<float>().ToArray();
}

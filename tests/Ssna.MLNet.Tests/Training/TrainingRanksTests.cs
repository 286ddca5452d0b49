using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Items;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>Several ranks compute what one process computes: here as threads, with MPI in that package's tests.</summary>
[TestClass]
public sealed class TrainingRanksTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("FullCatalogue", false)]
    [DataRow("SampledCatalogue", false)]
    [DataRow("InBatch", false)]
    [DataRow("BinaryCrossEntropy", false)]
    [DataRow("FullCatalogue", true)]
    [DataRow("SampledCatalogue", true)]
    [DataRow("InBatch", true)]
    [DataRow("BinaryCrossEntropy", true)]
    public void Ranks_have_one_processs_loss_and_gradients_and_draw_its_noise(string kind, bool noise)
    {
        (float loss, float[] gradients) = Step(kind, noise, Ranks.One);
        double norm = Math.Sqrt(gradients.Sum(value => (double)value * value));
        for (int size = 2; size <= 4; size++)
        {
            (float Loss, float[] Gradients)[] found = ThreadCollective.Run(
                size,
                collective => Step(kind, noise, new Ranks(collective))
            );
            foreach ((float ofRank, float[] gradientsOfRank) in found)
            {
                Assert.AreEqual(loss, ofRank, 1e-5f * loss, $"{size} ranks");
                double difference = Math.Sqrt(
                    gradients.Zip(gradientsOfRank, (a, b) => (double)(a - b) * (a - b)).Sum()
                );
                Assert.IsLessThan(1e-5 * norm, difference, $"{size} ranks");
                CollectionAssert.AreEqual(found[0].Gradients, gradientsOfRank, "all ranks have the same bits");
            }
        }
    }

    [TestMethod]
    public void Noise_of_many_items_depends_neither_on_blocks_nor_on_who_embeds_them()
    {
        using TensorState state = TensorState.Frozen();
        using var scope = NewDisposeScope();
        SsnaTrainer.Options options = CircleShop.Options();
        options.Adaptation = new ItemAdaptation.Ssna { AdapterHeads = 2, FeatureDropout = 0.3f };
        using Tensor features = CircleShop.Features();
        using SsnaModel model = Runs.Model(options, features, seed: 2);
        Tensor many = model.Items.Prepare(features.repeat(2600 / features.shape[0], 1, 1)); // (V, a, D)
        Tensor whole = Embed(new Part(0, many.shape[0]).Places()); // (V, d)
        foreach (long border in (long[])[7, 1024, 1500])
        {
            Tensor parts = cat([
                Embed(new Part(0, border).Places()),
                Embed(new Part(border, many.shape[0] - border).Places()),
            ]); // (V, d)
            Assert.IsLessThan(1e-5f, (whole - parts).abs().max().item<float>(), $"cut at {border}");
        }
        foreach (int step in (int[])[2, 3])
        {
            for (int first = 0; first < step; first++)
            {
                long[] places =
                [
                    .. Enumerable.Range(0, (int)many.shape[0]).Where(i => i % step == first).Select(i => (long)i),
                ];
                Tensor difference = whole.index_select(0, tensor(places)) - Embed(places); // (v, d)
                Assert.IsLessThan(1e-5f, difference.abs().max().item<float>(), $"every {step}th from {first} on");
            }
        }

        Tensor Embed(long[] places)
        {
            var noise = new TrainingNoise(seed: 5);
            noise.DrawFor(places);
            var pass = new ForwardPass(ComputePrecision.Float32, noise);
            return model.Items.Embed(many.index_select(0, tensor(places)), pass); // (v, d)
        }
    }

    [TestMethod]
    public void More_ranks_than_rows_and_items_change_nothing()
    {
        (float loss, _) = Step("SampledCatalogue", noise: true, Ranks.One, sequences: 2);
        float[] found = ThreadCollective.Run(
            7,
            collective => Step("SampledCatalogue", noise: true, new Ranks(collective), sequences: 2).Loss
        );
        foreach (float ofRank in found)
        {
            Assert.AreEqual(loss, ofRank, 1e-5f * loss);
        }
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Ranks_measure_and_fit_repeats_as_one_process(int size)
    {
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(CircleShop.Sequences(200));
        ValidationFigures one = Measure(Ranks.One);
        foreach (ValidationFigures found in ThreadCollective.Run(size, collective => Measure(new Ranks(collective))))
        {
            Assert.AreEqual(one.Recall, found.Recall);
            Assert.AreEqual(one.Ndcg, found.Ndcg);
            Assert.AreEqual(one.Repeats!.Times, found.Repeats!.Times, 1e-4f);
            for (int i = 0; i < one.Repeats.Recency.Length; i++)
            {
                Assert.AreEqual(one.Repeats.Recency[i], found.Repeats.Recency[i], 1e-4f);
            }
        }

        ValidationFigures Measure(Ranks ranks)
        {
            using TensorState state = TensorState.Frozen();
            using Tensor features = CircleShop.Features();
            using SsnaModel model = Runs.Model(CircleShop.Options(), features, seed: 2, ranks);
            HeldItems held = Held.Of(features, ranks);
            using Tensor items = model.Items.Prepare(held.Rows);
            var rates = RepeatRates.Of(training, CircleShop.Items);
            return new ModelValidation(
                cases,
                model,
                held.With(items),
                rates,
                temperature: 0.07f,
                RunContext.None
            ).Measure();
        }
    }

    private static (float Loss, float[] Gradients) Step(string kind, bool noise, Ranks ranks, int sequences = 30)
    {
        using TensorState state = TensorState.Trainable();
        using var scope = NewDisposeScope();
        SsnaTrainer.Options options = CircleShop.Options();
        options.SequenceModel = new SequenceModel.SASRec { Dropout = 0.3f };
        TrainingLoss loss = CircleShop.Loss(kind);
        using Tensor features = CircleShop.Features();
        using SsnaModel model = Runs.Model(options, features, seed: 2, ranks);
        HeldItems held = Held.Of(features, ranks);
        using Tensor items = model.Items.Prepare(held.Rows);
        var planner = new BatchPlanner(
            CircleShop.Sequences(sequences),
            CircleShop.Items,
            BatchPlanner.Settings.Of(options, loss)
        );
        model.Parameters.RequireGradients();
        using BatchLoss started = CircleShop.Start(loss, planner);
        var drawn = new TrainingNoise(seed: 5);
        drawn.Begin(3);
        var pass = new ForwardPass(ComputePrecision.Float32, noise ? drawn : null);
        var step = new TrainingStep(model, held.With(items), started, itemDropout: noise ? 0.1f : 0, pass);
        TrainingBatch batch = planner.Build(planner.Deal(new Random(1))[0], new Random(1));
        float found = step.Accumulate(batch).item<float>();
        ranks.Sum(model.Parameters.Gradients);
        return (found, model.Parameters.Gradients.data<float>().ToArray());
    }
}

using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed partial class SsnaTrainingTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("FullCatalogue", LayerIntegration.Gru, ComputePrecision.Float32)]
    [DataRow("InBatch", LayerIntegration.Mean, ComputePrecision.Float32)]
    [DataRow("BinaryCrossEntropy", LayerIntegration.Mean, ComputePrecision.Float32)]
    [DataRow("FullCatalogue", LayerIntegration.Weighted, ComputePrecision.BFloat16)]
    public void Finds_the_rule_that_sequences_follow(
        string loss,
        LayerIntegration integration,
        ComputePrecision precision
    )
    {
        SsnaTrainer.Options options = CircleShop.Options();
        (options.Loss, options.Ssna().Integration, options.Precision) = (CircleShop.Loss(loss), integration, precision);
        // A few negatives a step teach less than every item does.
        options.MaximumEpochs *= loss == nameof(TrainingLoss.BinaryCrossEntropy) ? 5 : 1;
        using Trained trained = Train(options);
        // Ten of the items by chance would be a sixth.
        Assert.IsGreaterThan(0.9, trained.Result.Epochs[trained.Result.BestEpoch - 1].ValidationRecallAt10);
    }

    [TestMethod]
    public void The_same_seed_gives_the_same_weights_and_another_seed_others()
    {
        SsnaTrainer.Options options = Brief(2);
        using Trained first = Train(options, seed: 4);
        using Trained again = Train(options, seed: 4);
        using Trained other = Train(options, seed: 5);
        CollectionAssert.AreEqual(first.Weights, again.Weights);
        CollectionAssert.AreNotEqual(first.Weights, other.Weights);
    }

    [TestMethod]
    public async Task Runs_side_by_side_do_not_disturb_one_another()
    {
        using Trained alone = Train(Brief(2), seed: 4);
        Task<Trained>[] runs = [.. Enumerable.Range(3, 3).Select(seed => Task.Run(() => Train(Brief(2), seed)))];
        using Trained before = await runs[0];
        using Trained same = await runs[1];
        using Trained behind = await runs[2];
        CollectionAssert.AreEqual(alone.Weights, same.Weights);
    }

    [TestMethod]
    public void The_callers_random_numbers_and_threads_stay_as_they_were()
    {
        int threads = get_num_threads();
        manual_seed(11);
        float expected = rand(1).item<float>();
        manual_seed(11);
        SsnaTrainer.Options options = Brief(1);
        options.NumberOfThreads = threads + 1;
        var lines = new List<string>();
        using Trained trained = Train(options, log: lines.Add);
        Assert.AreEqual(expected, rand(1).item<float>());
        Assert.AreEqual(threads, get_num_threads());
        StringAssert.Contains(lines[0], $"{threads + 1} threads");
    }

    [TestMethod]
    [DataRow("LabelSmoothing")]
    [DataRow("ItemDropout")]
    [DataRow("FeatureDropout")]
    [DataRow("Dropout")]
    [DataRow("RoutingNoiseFloor")]
    [DataRow("MaskHistory")]
    [DataRow("LogQCorrection")]
    [DataRow("Negatives")]
    [DataRow("Calibration")]
    [DataRow("TrainOnEarlierWindows")]
    [DataRow("WeightAverageDecay")]
    [DataRow("FeatureScaling")]
    [DataRow("Temperature")]
    [DataRow("LearningRate")]
    [DataRow("BatchSize")]
    public void Every_setting_of_training_has_an_effect(string name)
    {
        using Trained without = Train(With(name, changed: false));
        using Trained with = Train(With(name, changed: true));
        CollectionAssert.AreNotEqual(without.Weights, with.Weights, name);
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.9f)]
    public void The_kept_model_has_the_recall_that_its_epoch_reported(float weightAverageDecay)
    {
        SsnaTrainer.Options options = Brief(4);
        options.WeightAverageDecay = weightAverageDecay;
        using Trained trained = Train(options);
        AssertMeasures(Best(trained), trained.Result.Model, HeldOut());
    }

    [TestMethod]
    [DataRow(0f)]
    [DataRow(0.9f)]
    public void Past_its_peak_training_keeps_the_best_epochs_weights_and_not_the_lasts(float weightAverageDecay)
    {
        // Half of the items follow each other in any order, and the other half is what to find: never a target, it sinks
        // below the ten best the more is learned.
        const int half = CircleShop.Items / 2;
        var random = new Random(5);
        var training = new SequenceSet(
            [.. Enumerable.Range(0, 600).Select(_ => random.Next(half))],
            [.. Enumerable.Range(0, 61).Select(i => i * 10)]
        );
        var cases = new ValidationCases(
            new SequenceSet(
                [.. Enumerable.Range(0, half * half).Select(i => i / half)],
                [.. Enumerable.Range(0, (half * half) + 1)]
            ),
            [.. Enumerable.Range(0, half * half).Select(i => half + (i % half))]
        );
        SsnaTrainer.Options options = Brief(10);
        (options.WeightAverageDecay, options.BatchSize, options.LearningRate) = (weightAverageDecay, 60, 5e-4f);
        using Trained trained = Run();

        SsnaTrainingProgress best = Best(trained);
        SsnaTrainingProgress last = trained.Result.Epochs[^1];
        Assert.IsLessThan(trained.Result.Epochs.Count, trained.Result.BestEpoch);
        Assert.IsLessThan(best.ValidationRecallAt10, last.ValidationRecallAt10);
        AssertMeasures(best, trained.Result.Model, (training, cases));

        options.MaximumEpochs = trained.Result.BestEpoch;
        using Trained shorter = Run();
        CollectionAssert.AreEqual(shorter.Weights, trained.Weights, "training on does not change what was best");

        Trained Run()
        {
            using Tensor features = CircleShop.Features();
            return new(Runs.Train(options, features, training, cases));
        }
    }

    [TestMethod]
    public void Every_epoch_is_logged_and_reported()
    {
        var lines = new List<string>();
        var reports = new List<SsnaTrainingProgress>();
        SsnaTrainer.Options options = Brief(3);
        options.Progress = new Calling<SsnaTrainingProgress>(reports.Add);
        using Trained trained = Train(options, log: lines.Add);
        CollectionAssert.AreEqual(trained.Result.Epochs.ToArray(), reports);
        Assert.AreEqual(3, lines.Count(line => line.StartsWith("Epoch ", StringComparison.Ordinal)));
        foreach (SsnaTrainingProgress report in reports)
        {
            Assert.IsGreaterThan(0, report.Loss);
            Assert.IsGreaterThan(0, report.SequencesPerSecond);
            Assert.AreEqual(3, report.MaximumEpochs);
        }
    }

    [TestMethod]
    public void Without_validation_the_last_epoch_is_kept()
    {
        using var trained = new Trained(
            Runs.Train(
                Brief(4),
                CircleShop.Features(),
                CircleShop.Sequences(30),
                new ValidationCases(new SequenceSet([], [0]), [])
            )
        );
        Assert.AreEqual(4, trained.Result.BestEpoch);
        Assert.IsTrue(double.IsNaN(trained.Result.Epochs[0].ValidationRecallAt10));
    }

    [TestMethod]
    public void Tensors_do_not_pile_up()
    {
        SsnaTrainer.Options options = Brief(3);
        var alive = new List<long>();
        options.Progress = new Calling<SsnaTrainingProgress>(_ =>
            alive.Add(DisposeScopeManager.Statistics.ThreadTotalLiveCount)
        );
        using (Train(options)) { }
        Assert.AreEqual(alive[0], alive[2], "as many after the third epoch as after the first");
    }

    [TestMethod]
    public void Short_histories_train_as_without_earlier_windows_and_long_ones_as_with_them()
    {
        // Fewer than a tenth of the cases lie before windows of 10, and more than a tenth before windows of 5.
        foreach ((int window, EarlierWindows same) in new[] { (10, EarlierWindows.Off), (5, EarlierWindows.On) })
        {
            SsnaTrainer.Options options = Brief(2);
            options.SequenceModel.MaximumSequenceLength = window;
            Assert.AreEqual(EarlierWindows.Auto, options.TrainOnEarlierWindows, "the default");
            using Trained found = Train(options);
            foreach (EarlierWindows choice in new[] { EarlierWindows.Off, EarlierWindows.On })
            {
                options.TrainOnEarlierWindows = choice;
                using Trained chosen = Train(options);
                Assert.AreEqual(choice == same, found.Weights.SequenceEqual(chosen.Weights), $"{window}, {choice}");
            }
        }
    }

    private static SsnaTrainer.Options Brief(int epochs)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.MaximumEpochs = epochs;
        return options;
    }

    private static SsnaTrainer.Options With(string name, bool changed)
    {
        SsnaTrainer.Options options = Brief(1);
        options.Loss = Loss(name, changed);
        if (!changed)
        {
            options.WeightAverageDecay = 0;
            return options;
        }
        options.WeightAverageDecay = name == "WeightAverageDecay" ? 0.9f : 0;
        _ = name switch
        {
            "ItemDropout" => options.ItemDropout = 0.5f,
            "FeatureDropout" => options.Ssna().FeatureDropout = 0,
            "Dropout" => options.SASRec().Dropout = 0,
            "RoutingNoiseFloor" => options.Ssna().RoutingNoiseFloor = 1,
            "LearningRate" => options.LearningRate = 1e-4f,
            "BatchSize" => options.BatchSize = 100,
            _ => 0f,
        };
        options.TrainOnEarlierWindows = name == "TrainOnEarlierWindows" ? EarlierWindows.On : EarlierWindows.Off;
        options.Ssna().FeatureScaling = name == "FeatureScaling" ? FeatureScaling.Standardize : FeatureScaling.Whiten;
        return options;
    }

    private static TrainingLoss Loss(string name, bool changed) =>
        name switch
        {
            "MaskHistory" => new TrainingLoss.InBatch { MaskHistory = changed },
            "LogQCorrection" => new TrainingLoss.InBatch { LogQCorrection = changed },
            "LabelSmoothing" => new TrainingLoss.FullCatalogue { LabelSmoothing = changed ? 0.2f : 0.1f },
            "Temperature" => new TrainingLoss.FullCatalogue { Temperature = changed ? 0.5f : 0.07f },
            "Negatives" => new TrainingLoss.SampledCatalogue { Negatives = changed ? 4 : 40 },
            "Calibration" => new TrainingLoss.BinaryCrossEntropy { Negatives = 4, Calibration = changed ? 0 : 0.75f },
            _ => new TrainingLoss.FullCatalogue(),
        };

    private static SsnaTrainingProgress Best(Trained trained) => trained.Result.Epochs[trained.Result.BestEpoch - 1];

    /// <summary>Measures a model anew, as nobody did who reported of it.</summary>
    private static void AssertMeasures(
        SsnaTrainingProgress reported,
        SsnaModel model,
        (SequenceSet Training, ValidationCases Cases) data
    )
    {
        using TensorThreads _ = TensorThreads.Use(1); // the training's own, which decide how sums are rounded
        using Tensor features = CircleShop.Features();
        using Tensor items = model.Items.Prepare(features);
        ValidationFigures found = new ModelValidation(
            data.Cases,
            model,
            Held.Of(items),
            RepeatRates.Of(data.Training, CircleShop.Items),
            CircleShop.Options().Loss.Temperature,
            RunContext.None
        ).Measure();
        Assert.AreEqual(reported.ValidationRecallAt10, found.Recall);
        Assert.AreEqual(reported.ValidationNdcgAt10, found.Ndcg);
    }

    private static (SequenceSet Training, ValidationCases Cases) HeldOut() =>
        ValidationCases.HoldOutLast(CircleShop.Sequences(200));

    private static Trained Train(
        SsnaTrainer.Options options,
        int seed = 1,
        Action<string>? log = null,
        CancellationToken token = default
    )
    {
        using Tensor features = CircleShop.Features();
        (SequenceSet training, ValidationCases cases) = HeldOut();
        return new Trained(Runs.Train(options, features, training, cases, seed, log, token: token));
    }

    private sealed record Trained(SsnaTrainingResult Result) : IDisposable
    {
        public float[] Weights => Result.Model.Parameters.Values.data<float>().ToArray();

        public void Dispose() => Result.Model.Dispose();
    }
}

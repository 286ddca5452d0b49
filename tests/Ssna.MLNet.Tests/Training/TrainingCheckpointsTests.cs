using System.Diagnostics;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;
using Ssna.MLNet.Testing;
using Ssna.MLNet.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>A training that is broken off goes on from its folder, and ends as if it had not been.</summary>
[TestClass]
public sealed class TrainingCheckpointsTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    [DataRow("FullCatalogue", 1)]
    [DataRow("InBatch", 3)]
    [DataRow("SampledCatalogue", 1)]
    public void A_training_broken_off_at_any_moment_ends_as_one_that_was_not(string loss, int accumulated)
    {
        using var folder = new TemporaryFolder();
        using Trained whole = Train(Options(loss, accumulated));
        TrainingOptions broken = Options(loss, accumulated);
        (broken.CheckpointFolder, broken.CheckpointSteps) = (folder.Path, 1);
        var random = new Random(3);
        int interruptions = 0;
        for (int attempt = 0; ; attempt++)
        {
            Assert.IsLessThan(1000, attempt, "no attempt comes further than the one before");
            using var source = new CancellationTokenSource();
            // The later attempts get more time, on however slow a machine.
            source.CancelAfter(random.Next(20, 80 + (attempt * 4)));
            try
            {
                using Trained ended = Train(broken, token: source.Token);
                AssertSame(whole, ended);
                break;
            }
            catch (OperationCanceledException)
            {
                interruptions++;
            }
        }
        Assert.IsGreaterThan(1, interruptions);
        Assert.HasCount(2, Directory.GetFiles(folder.Path, "checkpoint-*"), "the end alone");
    }

    [TestMethod]
    public void A_training_whose_process_is_killed_ends_as_one_that_was_not()
    {
        using var folder = new TemporaryFolder();
        KilledTrainings.Result result = KilledTrainings.Run(kills: 4, each: 2, seed: 1, folder.Path);
        Assert.AreEqual(4, result.Kills);
        Assert.IsEmpty(result.Different, string.Join(Environment.NewLine, result.Different));
    }

    [TestMethod]
    public void Damaged_checkpoints_count_as_none()
    {
        using Trained whole = Train(Options());
        foreach (string pattern in new[] { "*.safetensors", "*.json" })
        {
            using var folder = new TemporaryFolder();
            BreakOff(folder.Path);
            string[] files = [.. Directory.GetFiles(folder.Path, pattern).Order(StringComparer.Ordinal)];
            Assert.HasCount(2, files, "the last two are kept");
            byte[] bytes = File.ReadAllBytes(files[1]);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(files[1], bytes);
            File.WriteAllText(Path.Combine(folder.Path, "checkpoint-000000000009.json.1.partial"), "{");
            using (Trained ended = Train(In(folder.Path)))
            {
                AssertSame(whole, ended);
            }
            Assert.HasCount(2, Directory.GetFiles(folder.Path, "checkpoint-*"), "the end alone");
        }
    }

    [TestMethod]
    public void The_checkpoints_of_another_training_are_refused_by_what_differs()
    {
        using var folder = new TemporaryFolder();
        BreakOff(folder.Path);
        Refuses(o => o.LearningRate = 0.5f, "LearningRate is 0.003 there and 0.5 here");
        Refuses(o => o.Ssna().AdapterHeads = 3, "Adaptation.AdapterHeads is 2 there and 3 here");
        Refuses(o => o.SASRec().Dropout = 0, "SequenceModel.Dropout is 0.3 there and 0 here");
        Refuses(o => o.Seed = 8, "Seed is 1 there and 8 here");
        Refuses(_ => { }, "Sequences is", CircleShop.Sequences(31));
        using (Trained ended = Train(In(folder.Path))) { }

        void Refuses(Action<TrainingOptions> change, string named, SequenceSet? sequences = null)
        {
            TrainingOptions options = In(folder.Path);
            change(options);
            var error = Assert.Throws<InvalidOperationException>(() => Train(options, sequences));
            StringAssert.Contains(error.Message, "CheckpointFolder");
            StringAssert.Contains(error.Message, folder.Path);
            StringAssert.Contains(error.Message, named);
        }
    }

    [TestMethod]
    public void A_training_that_has_ended_gives_its_model_at_once_and_its_folder_to_another()
    {
        using var folder = new TemporaryFolder();
        using Trained whole = Train(In(folder.Path));
        SsnaTrainer.Options options = In(folder.Path);
        options.Progress = new Calling<SsnaTrainingProgress>(_ => Assert.Fail("no epoch is left"));
        using (Trained again = Train(options))
        {
            AssertSame(whole, again);
        }
        options = In(folder.Path);
        options.Seed = 2;
        using (Trained other = Train(options))
        {
            CollectionAssert.AreNotEqual(whole.Weights, other.Weights);
        }
        options = Options();
        options.Seed = 2;
        using Trained expected = Train(options);
        options.CheckpointFolder = folder.Path;
        using Trained found = Train(options);
        AssertSame(expected, found);
    }

    [TestMethod]
    public void A_training_that_diverges_leaves_no_checkpoint_to_diverge_from_again()
    {
        using var folder = new TemporaryFolder();
        SsnaTrainer.Options options = In(folder.Path);
        options.LearningRate = 1e30f;
        Assert.ThrowsExactly<TrainingDivergedException>(() => Train(options));
        Assert.IsEmpty(Directory.GetFiles(folder.Path, "checkpoint-*"));
    }

    [TestMethod]
    public void Two_trainings_do_not_share_a_folder()
    {
        using var folder = new TemporaryFolder();
        using FolderLock held = FolderLock.Take(folder["training.lock"], "CheckpointFolder", "training");
        var error = Assert.Throws<InvalidOperationException>(() => Train(In(folder.Path)));
        StringAssert.Contains(error.Message, "no training is running in");
    }

    [TestMethod]
    public void A_training_of_another_process_is_refused_until_that_process_has_ended_however()
    {
        NewProcess.RequireBuilt();
        using var folder = new TemporaryFolder();
        BreakOff(folder.Path);
        using Process other = FreshProcess.Hold(folder["training.lock"]);
        try
        {
            var error = Assert.Throws<InvalidOperationException>(() => Train(In(folder.Path)));
            StringAssert.Contains(error.Message, "CheckpointFolder");
            StringAssert.Contains(error.Message, "training.lock held by one, in this process or another");
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }
        using Trained ended = Train(In(folder.Path));
        using Trained whole = Train(Options());
        AssertSame(whole, ended);
    }

    [TestMethod]
    public void Epochs_between_checkpoints_are_counted()
    {
        using var folder = new TemporaryFolder();
        SsnaTrainer.Options options = Options();
        (options.CheckpointFolder, options.CheckpointEpochs, options.MaximumEpochs) = (folder.Path, 2, 6);
        var written = new List<string[]>();
        // An epoch is reported before its checkpoint is written.
        options.Progress = new Calling<SsnaTrainingProgress>(_ =>
            written.Add([.. Directory.GetFiles(folder.Path, "*.json").Select(path => Path.GetFileName(path))])
        );
        using Trained ended = Train(options);
        int steps = ended.Result.Epochs[0].Steps;
        string second = FormattableString.Invariant($"checkpoint-{2 * steps:D12}.json");
        string fourth = FormattableString.Invariant($"checkpoint-{4 * steps:D12}.json");
        string[][] expected =
        [
            [],
            [],
            [second],
            [second],
            [second, fourth],
            [second, fourth],
        ];
        for (int epoch = 0; epoch < expected.Length; epoch++)
        {
            CollectionAssert.AreEquivalent(expected[epoch], written[epoch], $"epoch {epoch + 1}");
        }
    }

    [TestMethod]
    public void A_training_broken_off_between_epochs_ends_as_one_that_was_not()
    {
        using var folder = new TemporaryFolder();
        SsnaTrainer.Options options = Options();
        (options.CheckpointFolder, options.CheckpointEpochs) = (folder.Path, 1);
        options.Progress = new Calling<SsnaTrainingProgress>(epoch =>
        {
            if (epoch.Epoch == 2)
            {
                throw new InvalidOperationException("the process ends here, with the checkpoint of epoch 1");
            }
        });
        Assert.ThrowsExactly<InvalidOperationException>(() => Train(options));
        options.Progress = null;
        var lines = new List<string>();
        using Trained ended = Train(options, log: lines.Add);
        using Trained whole = Train(Options());
        AssertSame(whole, ended);
        Assert.Contains(line => line.StartsWith("Going on from step", StringComparison.Ordinal), lines);
    }

    [TestMethod]
    public void A_checkpoint_that_cannot_be_written_is_a_line_in_the_log()
    {
        using var folder = new TemporaryFolder();
        var lines = new List<string>();
        TrainingOptions options = In(folder.Path);
        // Where the file is to be there is a folder that is not empty.
        Directory.CreateDirectory(folder["checkpoint-000000000001.safetensors", "x"]);
        using Trained ended = Train(options, log: lines.Add);
        using Trained whole = Train(Options());
        AssertSame(whole, ended);
        Assert.Contains(
            line => line.StartsWith("No checkpoint of step 1 was written", StringComparison.Ordinal),
            lines
        );
    }

    // Three epochs, with noise and dropout, of some six steps each.
    private static SsnaTrainer.Options Options(string loss = "FullCatalogue", int accumulated = 1)
    {
        SsnaTrainer.Options options = CircleShop.Options();
        options.Loss = CircleShop.Loss(loss);
        (options.BatchSize, options.AccumulatedBatches, options.MaximumEpochs, options.Seed) = (60, accumulated, 3, 1);
        return options;
    }

    private static SsnaTrainer.Options In(string folder)
    {
        SsnaTrainer.Options options = Options();
        (options.CheckpointFolder, options.CheckpointSteps) = (folder, 1);
        return options;
    }

    // Cancelled behind its first epoch.
    private static void BreakOff(string folder)
    {
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = In(folder);
        options.Progress = new Calling<SsnaTrainingProgress>(_ => source.Cancel());
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(options, token: source.Token));
    }

    private static Trained Train(
        TrainingOptions options,
        SequenceSet? sequences = null,
        Action<string>? log = null,
        CancellationToken token = default
    )
    {
        using Tensor features = CircleShop.Features();
        (SequenceSet training, ValidationCases cases) = ValidationCases.HoldOutLast(
            sequences ?? CircleShop.Sequences(60)
        );
        return new(Runs.Train(options, features, training, cases, options.Seed ?? 1, log, token: token));
    }

    private static void AssertSame(Trained expected, Trained found)
    {
        CollectionAssert.AreEqual(expected.Weights, found.Weights);
        Assert.AreEqual(expected.Result.BestEpoch, found.Result.BestEpoch);
        CollectionAssert.AreEqual(Figures(expected), Figures(found));
    }

    private static (double, double, double, int)[] Figures(Trained trained) =>
        [
            .. trained.Result.Epochs.Select(epoch =>
                (epoch.Loss, epoch.ValidationRecallAt10, epoch.ValidationNdcgAt10, epoch.Steps)
            ),
        ];

    private sealed record Trained(SsnaTrainingResult Result) : IDisposable
    {
        public float[] Weights => Result.Model.Parameters.Values.data<float>().ToArray();

        public void Dispose() => Result.Model.Dispose();
    }
}

using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Training;

public sealed partial class SsnaTrainingTests
{
    [TestMethod]
    public void Patience_ends_training_so_many_epochs_after_the_best()
    {
        SsnaTrainer.Options options = Brief(100);
        options.LearningRate = 0; // no epoch is better than the first
        options.WeightAverageDecay = 0;
        options.Patience = 3;
        using Trained trained = Train(options);
        Assert.AreEqual(1, trained.Result.BestEpoch);
        Assert.HasCount(4, trained.Result.Epochs);
        Assert.IsTrue(trained.Result.Epochs.All(epoch => epoch.BestEpoch == 1));
        Assert.IsFalse(trained.Result.Cancelled);
    }

    [TestMethod]
    public void Steps_end_training_within_an_epoch_which_is_validated_and_kept()
    {
        SsnaTrainer.Options options = Brief(3);
        (options.BatchSize, options.AccumulatedBatches) = (40, 2);
        using Trained whole = Train(options);
        int perEpoch = whole.Result.Epochs[0].StepsPerEpoch;
        Assert.IsTrue(whole.Result.Epochs.All(epoch => epoch.Steps == perEpoch && epoch.StepsPerEpoch == perEpoch));
        Assert.IsGreaterThan(4, perEpoch);

        options.MaximumSteps = perEpoch + 3;
        using Trained partly = Train(options);
        CollectionAssert.AreEqual(new[] { perEpoch, 3 }, partly.Result.Epochs.Select(epoch => epoch.Steps).ToArray());
        Assert.AreEqual(2, partly.Result.BestEpoch, "three more steps made it better");
        AssertMeasures(partly.Result.Epochs[1], partly.Result.Model, HeldOut());
        Assert.AreEqual(whole.Result.Epochs[0].Loss, partly.Result.Epochs[0].Loss);
        Assert.AreEqual(perEpoch, partly.Result.Epochs[1].StepsPerEpoch);
        Assert.IsLessThan(whole.Result.Epochs[0].Loss, partly.Result.Epochs[1].Loss, "a mean over the cases taken");

        (options.MaximumSteps, options.MaximumEpochs) = (perEpoch, 3);
        using Trained limited = Train(options);
        (options.MaximumSteps, options.MaximumEpochs) = (null, 1);
        using Trained one = Train(options);
        CollectionAssert.AreEqual(one.Weights, limited.Weights);
        CollectionAssert.AreNotEqual(one.Weights, partly.Weights);
        Assert.HasCount(1, limited.Result.Epochs);
    }

    [TestMethod]
    public void No_epoch_starts_once_the_time_is_over()
    {
        SsnaTrainer.Options options = Brief(50);
        options.MaximumTime = TimeSpan.Zero;
        using Trained trained = Train(options);
        Assert.HasCount(1, trained.Result.Epochs, "the first epoch always runs");
    }

    [TestMethod]
    public void Cancellation_ends_within_a_batch_and_throws()
    {
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = Brief(50);
        options.BatchSize = 20; // many batches an epoch
        options.CancellationToken = source.Token;
        int epochs = 0;
        options.Progress = new Calling<SsnaTrainingProgress>(_ => epochs++);
        // The first line is written before the first batch.
        Assert.ThrowsExactly<OperationCanceledException>(() => Train(options, log: _ => source.Cancel()));
        Assert.AreEqual(0, epochs);
    }

    [TestMethod]
    public void A_cancelled_run_gives_its_best_model_if_asked()
    {
        using var source = new CancellationTokenSource();
        SsnaTrainer.Options options = Brief(50);
        options.CancellationToken = source.Token;
        options.KeepBestOnCancellation = true;
        options.Progress = new Calling<SsnaTrainingProgress>(progress =>
        {
            if (progress.Epoch == 2)
            {
                source.Cancel();
            }
        });
        using Trained trained = Train(options);
        Assert.IsTrue(trained.Result.Cancelled);
        Assert.HasCount(2, trained.Result.Epochs);
    }

    [TestMethod]
    public void A_run_cancelled_before_its_first_model_throws_even_so()
    {
        SsnaTrainer.Options options = Brief(50);
        options.KeepBestOnCancellation = true;
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            Train(options, token: new CancellationToken(canceled: true))
        );
    }

    [TestMethod]
    public void A_run_that_waits_for_another_can_be_cancelled()
    {
        using TrainingGate other = TrainingGate.Enter(threads: null, RunContext.None);
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            Task.Run(() => Train(Brief(1), token: new CancellationToken(canceled: true))).GetAwaiter().GetResult()
        );
    }
}

using System.Diagnostics;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Training;

/// <summary>One pass over the training cases: steps of the optimiser, each of one or more batches.</summary>
/// <param name="options">Seed, batches of a step, and who is told of steps.</param>
/// <param name="setup">What is worked with.</param>
/// <param name="position">Where the training is; moved on.</param>
/// <param name="context">Takes lines, and stops between batches.</param>
internal sealed class EpochTraining(
    TrainingOptions options,
    TrainingSetup setup,
    TrainingPosition position,
    RunContext context
)
{
    /// <summary>
    /// Trains the epoch that the position is in, from where it is, or as much of it as <paramref name="maximumSteps"/> allows; the
    /// next batch's index lists are made while a step computes.
    /// </summary>
    /// <param name="maximumSteps">Steps of the optimiser at most, those of earlier epochs included.</param>
    /// <param name="stepped">Called behind every step.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss is no number any more.</exception>
    public TrainedEpoch Run(long maximumSteps, Action stepped)
    {
        using var scope = NewDisposeScope();
        (int epoch, int together) = (position.Epoch, options.AccumulatedBatches);
        List<int[]> deal = setup.Planner.Deal(TrainingSetup.Order(options.Seed ?? 1, epoch));
        int stepsPerEpoch = (int)((deal.Count + (together - 1L)) / together);
        int done = (int)((position.Batch + (together - 1L)) / together);
        int steps = (int)Math.Min(stepsPerEpoch, maximumSteps - position.Steps + done);
        int batches = (int)Math.Min(deal.Count, (long)steps * together);
        var reporter = new StepReporter(options.StepProgress, context, epoch, stepsPerEpoch, TimeProvider.System);
        long lastTrim = Stopwatch.GetTimestamp();
        Task<TrainingBatch> next = BuildAsync(epoch, deal, Math.Min(position.Batch, batches - 1));
        for (int i = position.Batch; i < batches; i++)
        {
            TrainingBatch batch = next.GetAwaiter().GetResult();
            setup.Ranks.CheckAlive(context);
            if (i + 1 < batches)
            {
                next = BuildAsync(epoch, deal, i + 1);
            }
            // The last step of an epoch has the batches that are left.
            int first = i - (i % together);
            int ofStep = Math.Min(together, deal.Count - first);
            setup.Noise.Begin(Number(epoch, i));
            Accumulate(batch, ofStep);
            bool step = i + 1 == first + ofStep;
            position.Did(batch.Cases.Targets.Length, step);
            if (step)
            {
                Step();
                NativeHeap.TrimNowAndThen(ref lastTrim);
                reporter.Finished((i / together) + 1);
                stepped();
            }
        }
        setup.LossScale?.Report(context, epoch);
        double loss = DeviceMemory.Read(position.LossSum).item<float>() / position.Cases;
        return double.IsFinite(loss)
            ? new(loss, deal.Take(batches).Sum(windows => windows.Length), steps, stepsPerEpoch)
            : throw setup.Ranks.Shared(
                new TrainingDivergedException(
                    epoch,
                    $"The training loss of epoch {epoch} is {loss}. A smaller LearningRate, or Precision Float32, may help."
                )
            );
    }

    // Of a batch in the whole run: what it draws depends on it and the seed alone.
    private static long Number(int epoch, int batch) => ((long)epoch << 32) | (uint)batch;

    private Task<TrainingBatch> BuildAsync(int epoch, List<int[]> deal, int batch)
    {
        ulong key = HashedNumbers.Mix((ulong)Number(epoch, batch) ^ ((ulong)(options.Seed ?? 1) << 40));
        return Task.Run(() => setup.Planner.Build(deal[batch], new Random((int)key)));
    }

    /// <summary>Adds a batch's part to the gradients: the mean of <paramref name="together"/> batches' own.</summary>
    private void Accumulate(TrainingBatch batch, int together)
    {
        using var scope = NewDisposeScope();
        Tensor loss = setup.Step.Accumulate(batch, (setup.LossScale?.Value ?? 1) / together);
        using var _ = TensorState.Frozen();
        position.LossSum.AddInPlace(loss, batch.Cases.Targets.Length);
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        setup.Ranks.Sum(setup.Model.Parameters.Gradients);
        if (setup.LossScale is null || setup.LossScale.Unscale(setup.Model.Parameters.Gradients))
        {
            setup.TrainedItems?.BeforeStep();
            setup.Adam.Step();
            setup.TrainedItems?.AfterStep();
            setup.Average?.Add();
        }
    }
}

/// <summary>An epoch, or a part of one, that was trained.</summary>
/// <param name="Loss">The mean loss of its cases.</param>
/// <param name="Sequences">The windows that were trained on.</param>
/// <param name="Steps">Steps of the optimiser.</param>
/// <param name="StepsPerEpoch">Those of a whole epoch.</param>
internal readonly record struct TrainedEpoch(double Loss, int Sequences, int Steps, int StepsPerEpoch);

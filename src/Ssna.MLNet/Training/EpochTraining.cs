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
/// <param name="context">Takes lines, and stops between batches.</param>
internal sealed class EpochTraining(TrainingOptions options, TrainingSetup setup, RunContext context)
{
    /// <summary>
    /// Trains an epoch, or as much of it as <paramref name="stepsLeft"/> allows; the next batch's index lists are made while a step
    /// computes.
    /// </summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="stepsLeft">Steps of the optimiser at most.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="TrainingDivergedException">The loss is no number any more.</exception>
    public TrainedEpoch Run(int epoch, int stepsLeft)
    {
        using var scope = NewDisposeScope();
        int together = options.AccumulatedBatches;
        List<int[]> deal = setup.Planner.Deal(TrainingSetup.Order(options.Seed ?? 1, epoch));
        int stepsPerEpoch = (int)((deal.Count + (together - 1L)) / together);
        int steps = Math.Min(stepsPerEpoch, stepsLeft);
        int batches = (int)Math.Min(deal.Count, (long)steps * together);
        long cases = 0;
        Tensor sum = zeros(1, ScalarType.Float32, device: setup.Model.Device); // of the cases' losses so far
        var reporter = new StepReporter(options.StepProgress, context, epoch, stepsPerEpoch, TimeProvider.System);
        long lastTrim = Stopwatch.GetTimestamp();
        Task<TrainingBatch> next = BuildAsync(epoch, deal, 0);
        for (int i = 0; i < batches; i++)
        {
            TrainingBatch batch = next.GetAwaiter().GetResult();
            context.CheckAlive();
            cases += batch.Cases.Targets.Length;
            if (i + 1 < batches)
            {
                next = BuildAsync(epoch, deal, i + 1);
            }
            // The last step of an epoch has the batches that are left.
            int first = i - (i % together);
            int ofStep = Math.Min(together, deal.Count - first);
            setup.Noise.Begin(Number(epoch, i));
            Accumulate(batch, ofStep, sum);
            if (i + 1 == first + ofStep)
            {
                Step();
                NativeHeap.TrimNowAndThen(ref lastTrim);
                reporter.Finished((i / together) + 1);
            }
        }
        double loss = sum.to(CPU).item<float>() / cases;
        return double.IsFinite(loss)
            ? new(loss, deal.Take(batches).Sum(windows => windows.Length), steps, stepsPerEpoch)
            : throw new TrainingDivergedException(
                epoch,
                $"The training loss of epoch {epoch} is {loss}. A smaller LearningRate, or Precision Float32, may help."
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
    private void Accumulate(TrainingBatch batch, int together, Tensor sum)
    {
        using var scope = NewDisposeScope();
        Tensor loss = setup.Step.Accumulate(batch, (setup.LossScale?.Value ?? 1) / together);
        using var _ = TensorState.Frozen();
        sum.AddInPlace(loss, batch.Cases.Targets.Length);
    }

    private void Step()
    {
        using var scope = NewDisposeScope();
        if (setup.LossScale is null || setup.LossScale.Unscale(setup.Model.Parameters.Gradients))
        {
            setup.Model.Items.BeforeStep();
            setup.Adam.Step();
            setup.Model.Items.AfterStep();
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

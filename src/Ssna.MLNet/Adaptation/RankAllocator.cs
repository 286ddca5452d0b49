using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

/// <summary>How AdaLoRA gives out ranks over a training run.</summary>
/// <param name="TargetRank">The mean rank at the end.</param>
/// <param name="WarmUpSteps">Steps before the first singular value is set to zero.</param>
/// <param name="FinalSteps">Steps at the end in which the choice stands.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Interval">Steps from one choice to the next.</param>
/// <param name="SensitivityDecay">Of the average of a weight's importance: the first beta.</param>
/// <param name="UncertaintyDecay">Of the average of that importance's changes: the second beta.</param>
internal sealed record RankSchedule(
    int TargetRank,
    long WarmUpSteps,
    long FinalSteps,
    long TotalSteps,
    long Interval,
    float SensitivityDecay,
    float UncertaintyDecay
);

/// <summary>
/// Sets the least important singular values to zero, by AdaLoRA's equations 8 to 12 as PEFT computes them. The importance of
/// a weight is |weight times gradient|, smoothed, times its uncertainty, which is how much it changes; that of a singular
/// value is its own, and the means over its row of A and its column of B.
/// </summary>
internal sealed class RankAllocator : IDisposable
{
    private readonly IReadOnlyList<LowRankDelta> _deltas;
    private readonly RankSchedule _schedule;
    private readonly Weight[][] _weights; // of each delta: E, A, B
    private readonly int _initialBudget;
    private readonly int _targetBudget;
    private bool[][]? _kept; // of each delta, the singular values that the last choice left
    private long _step;

    /// <param name="deltas">All deltas; each has singular values.</param>
    /// <param name="schedule">When and how many to keep.</param>
    /// <param name="device">Where the weights will be.</param>
    public RankAllocator(IReadOnlyList<LowRankDelta> deltas, RankSchedule schedule, Device device)
    {
        (_deltas, _schedule) = (deltas, schedule);
        _weights =
        [
            .. deltas.Select(delta =>
                Array.ConvertAll([delta.Values!, delta.Down, delta.Up], weight => new Weight(weight, device))
            ),
        ];
        _initialBudget = deltas.Sum(delta => (int)delta.Down.Shape[0]);
        _targetBudget = deltas.Count * schedule.TargetRank;
    }

    private long FinalStart => _schedule.TotalSteps - _schedule.FinalSteps;

    /// <summary>Notes the gradients, which the optimiser clears.</summary>
    public void BeforeStep()
    {
        if (_step < FinalStart)
        {
            Array.ForEach(_weights, weights => Array.ForEach(weights, weight => weight.KeepGradient()));
        }
    }

    /// <summary>Takes the step into account, and chooses where a choice is due.</summary>
    public void AfterStep()
    {
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        long step = _step++;
        if (step < FinalStart)
        {
            Array.ForEach(_weights, weights => Array.ForEach(weights, weight => weight.Update(_schedule)));
        }
        if (step == FinalStart || (step < FinalStart && step > _schedule.WarmUpSteps && step % _schedule.Interval == 0))
        {
            _kept = Choose(Budget(step));
            Mask();
        }
        else if (step > FinalStart)
        {
            Mask();
        }
    }

    public void Visit(StateVisitor visitor)
    {
        visitor.Value("ranks.step", ref _step);
        visitor.Value("ranks.kept", ref _kept);
        Array.ForEach(_weights, weights => Array.ForEach(weights, weight => weight.Visit(visitor)));
    }

    public void Dispose() => Array.ForEach(_weights, weights => Array.ForEach(weights, weight => weight.Dispose()));

    /// <summary>Singular values of all deltas together that stay: from all down to the target, along a cubic curve.</summary>
    private int Budget(long step)
    {
        double left = 1 - ((double)(step - _schedule.WarmUpSteps) / (FinalStart - _schedule.WarmUpSteps));
        return (int)(((_initialBudget - _targetBudget) * Math.Pow(left, 3)) + _targetBudget);
    }

    private bool[][] Choose(int budget)
    {
        float[][] scores = Scores();
        float[] ascending = [.. scores.SelectMany(score => score).Order()];
        int dropped = _initialBudget - budget;
        float threshold = dropped > 0 ? ascending[dropped - 1] : float.NegativeInfinity;
        return Array.ConvertAll(scores, delta => Array.ConvertAll(delta, score => score > threshold));
    }

    // Of each delta; all read from the device at once.
    private float[][] Scores()
    {
        using var scope = NewDisposeScope();
        Tensor all = cat([.. _weights.Select(Score)]); // (singular values)
        float[] scores = DeviceMemory.Read(all).data<float>().ToArray();
        int start = 0;
        return
        [
            .. _deltas.Select(delta =>
            {
                int rank = (int)delta.Down.Shape[0];
                start += rank;
                return scores[(start - rank)..start];
            }),
        ];

        static Tensor Score(Weight[] weights)
        {
            Tensor own = weights[0].Score().view(-1); // (r)
            Tensor rows = weights[1].Score().mean([1]); // (r)
            Tensor columns = weights[2].Score().mean([0]); // (r)
            return own.Plus(rows.Plus(columns)); // (r)
        }
    }

    private void Mask()
    {
        if (_kept is null)
        {
            return;
        }
        bool[] dropped = [.. _kept.SelectMany(kept => kept).Select(kept => !kept)];
        Tensor all = DeviceMemory.Upload(_deltas[0].Values!.Value.device, tensor(dropped)).unsqueeze(1); // (singular values, 1)
        long start = 0;
        foreach (LowRankDelta delta in _deltas)
        {
            Tensor values = delta.Values!.Value; // (r, 1)
            values.MaskInPlace(all.narrow(0, start, values.shape[0]), 0);
            start += values.shape[0];
        }
    }

    /// <summary>What is remembered of one weight matrix.</summary>
    private sealed class Weight(Parameter parameter, Device device) : IDisposable
    {
        private readonly Tensor _sensitivity = zeros(parameter.Shape, ScalarType.Float32, device: device)
            .DetachFromDisposeScope();
        private readonly Tensor _uncertainty = zeros(parameter.Shape, ScalarType.Float32, device: device)
            .DetachFromDisposeScope();
        private readonly Tensor _gradient = zeros(parameter.Shape, ScalarType.Float32, device: device)
            .DetachFromDisposeScope();

        public void KeepGradient()
        {
            using var _ = TensorState.Frozen();
            using Tensor? gradient = parameter.Value.grad;
            _gradient.copy_(gradient!);
        }

        public void Update(RankSchedule schedule)
        {
            Tensor importance = (parameter.Value * _gradient).abs();
            _sensitivity
                .MultiplyInPlace(schedule.SensitivityDecay)
                .AddInPlace(importance, 1 - schedule.SensitivityDecay);
            Tensor change = (importance - _sensitivity).abs();
            _uncertainty.MultiplyInPlace(schedule.UncertaintyDecay).AddInPlace(change, 1 - schedule.UncertaintyDecay);
        }

        public void Visit(StateVisitor visitor)
        {
            visitor.Tensor($"ranks.sensitivity.{parameter.Name}", _sensitivity);
            visitor.Tensor($"ranks.uncertainty.{parameter.Name}", _uncertainty);
        }

        public Tensor Score() => _sensitivity * _uncertainty;

        public void Dispose()
        {
            _sensitivity.Dispose();
            _uncertainty.Dispose();
            _gradient.Dispose();
        }
    }
}

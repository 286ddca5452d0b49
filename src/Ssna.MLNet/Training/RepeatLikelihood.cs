using System.Runtime.InteropServices;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Training;

/// <summary>A case to learn repeats from.</summary>
/// <param name="Items">The distinct items of its history.</param>
/// <param name="Logits">The model's, of each.</param>
/// <param name="Target">Which of them was taken next, or -1 for none.</param>
/// <param name="Others">The logarithm of the sum of all other items' exponentials.</param>
internal sealed record RepeatCase(HistoryItem[] Items, double[] Logits, int Target, double Others);

/// <summary>
/// How improbable weights make the targets of cases, as a conditional logit: a softmax over the catalogue, in which each item of
/// a history has its logit and the weighted features of its place. Convex in the weights.
/// </summary>
/// <param name="cases">The cases that this rank has.</param>
/// <param name="ranks">Who has cases.</param>
internal sealed class RepeatLikelihood(IReadOnlyList<RepeatCase> cases, Ranks ranks)
{
    // All items of a history share the first weight, each recency has one that is added to it, and then come the other three.
    private const int Shared = 0,
        FirstRecency = 1,
        Times = FirstRecency + HistoryItem.Recencies,
        Again = Times + 1,
        User = Times + 2;

    /// <summary>The number of weights.</summary>
    public const int Count = Times + 3;

    /// <summary>
    /// The precision of the normal prior of each weight, around 0: it decides where the cases say next to nothing, as of places
    /// that no history reaches, and keeps weights finite where nothing was ever repeated.
    /// </summary>
    private const double Prior = 0.1;

    // The features of an item that are not 0.
    private readonly int[] _places = new int[5];
    private readonly double[] _values = new double[5];

    /// <summary>The derivatives by the weights, of the last <see cref="Derive"/>.</summary>
    public double[] Gradient { get; } = new double[Count];

    /// <summary>The second ones, on and below the diagonal.</summary>
    public double[,] Hessian { get; } = new double[Count, Count];

    /// <summary>The negative logarithm of the targets' probability and of the prior's, up to what no weight changes.</summary>
    public double Loss(double[] weights)
    {
        double loss = 0;
        foreach (RepeatCase one in cases)
        {
            (double[] logits, double sum) = Logits(one, weights);
            loss += sum - (one.Target < 0 ? one.Others : logits[one.Target]);
        }
        ranks.Sum(new Span<double>(ref loss));
        return loss + weights.Sum(weight => Prior / 2 * weight * weight);
    }

    /// <summary>Finds <see cref="Gradient"/> and <see cref="Hessian"/>.</summary>
    public void Derive(double[] weights)
    {
        Array.Clear(Hessian);
        Array.Clear(Gradient);
        double[] mean = new double[Count];
        foreach (RepeatCase one in cases)
        {
            (double[] logits, double sum) = Logits(one, weights);
            Array.Clear(mean);
            for (int i = 0; i < one.Items.Length; i++)
            {
                Add(one.Items[i], Math.Exp(logits[i] - sum), isTarget: i == one.Target, mean);
            }
            for (int a = 0; a < Count; a++)
            {
                for (int b = 0; b <= a && mean[a] != 0; b++)
                {
                    Hessian[a, b] -= mean[a] * mean[b];
                }
            }
        }
        ranks.Sum(Gradient);
        ranks.Sum(MemoryMarshal.CreateSpan(ref Hessian[0, 0], Hessian.Length));
        for (int i = 0; i < Count; i++)
        {
            Gradient[i] += Prior * weights[i];
            Hessian[i, i] += Prior;
        }
    }

    /// <summary>The weights as scores have them.</summary>
    /// <param name="weights">The weights, of logits.</param>
    /// <param name="unit">What a logit of 1 is as a score.</param>
    public static RepeatWeights ForScores(double[] weights, double unit) =>
        new(
            [.. weights[FirstRecency..Times].Select(own => (float)((weights[Shared] + own) * unit))],
            (float)(weights[Times] * unit),
            (float)(weights[Again] * unit),
            (float)(weights[User] * unit)
        );

    // The logits of a history's items, and the logarithm of the sum of all items' exponentials.
    private (double[] Logits, double Sum) Logits(RepeatCase one, double[] weights)
    {
        double[] logits = [.. one.Logits];
        double most = one.Others;
        for (int i = 0; i < logits.Length; i++)
        {
            Read(one.Items[i]);
            for (int a = 0; a < _places.Length; a++)
            {
                logits[i] += weights[_places[a]] * _values[a];
            }
            most = Math.Max(most, logits[i]);
        }
        double sum = Math.Exp(one.Others - most);
        foreach (double logit in logits)
        {
            sum += Math.Exp(logit - most);
        }
        return (logits, most + Math.Log(sum));
    }

    private void Add(HistoryItem item, double probability, bool isTarget, double[] mean)
    {
        Read(item);
        for (int a = 0; a < _places.Length; a++)
        {
            Gradient[_places[a]] += (probability - (isTarget ? 1 : 0)) * _values[a];
            mean[_places[a]] += probability * _values[a];
            for (int b = 0; b <= a; b++) // places ascend
            {
                Hessian[_places[a], _places[b]] += probability * _values[a] * _values[b];
            }
        }
    }

    private void Read(HistoryItem item)
    {
        (_places[0], _values[0]) = (Shared, 1);
        (_places[1], _values[1]) = (FirstRecency + item.Recency, 1);
        (_places[2], _values[2]) = (Times, item.Times);
        (_places[3], _values[3]) = (Again, item.Again);
        (_places[4], _values[4]) = (User, item.User);
    }
}

using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// Rank 0 of any number, alone: it gets its own numbers back for the others' at once. What it computes is a rank's work without any
/// exchange; what comes out is of no use.
/// </summary>
/// <param name="size">How many ranks there seem to be.</param>
internal sealed class EchoCollective(int size) : ICollective
{
    // What every rank is asked for, and says: a length and as many bytes.
    private readonly byte[][] _said =
    [
        [],
        [],
    ];
    private int _next;

    public int Rank => 0;

    public int Size => size;

    public string Host => Environment.MachineName;

    public void Sum(Span<float> values) { }

    public void Sum(Span<double> values) { }

    public void Gather(Span<float> values, ReadOnlySpan<int> lengths)
    {
        ReadOnlySpan<float> own = values[..lengths[0]];
        for (int from = lengths[0]; !own.IsEmpty && from < values.Length; from += own.Length)
        {
            ReadOnlySpan<float> echoed = own[..Math.Min(own.Length, values.Length - from)];
            echoed.CopyTo(values[from..]);
        }
    }

    public void Broadcast(Span<byte> bytes, int rank)
    {
        if (rank == 0)
        {
            (_said[0], _said[1], _next) = (_said[1], bytes.ToArray(), 0);
        }
        else
        {
            _said[_next].AsSpan(0, Math.Min(bytes.Length, _said[_next].Length)).CopyTo(bytes);
            _next = 1 - _next;
        }
    }

    public void Abort(string reason) => throw new InvalidOperationException(reason);
}

using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Model;

/// <summary>
/// The random numbers of a training run: a function of its seed, of the batch, and of which draw of the batch they are. A batch
/// that is computed again, in this run or in one that goes on from a checkpoint, draws the same; and so does each rank of several
/// that compute parts of it.
/// </summary>
internal sealed class TrainingNoise
{
    private readonly ulong _seed;
    private ulong _batch;
    private ulong _draws;
    private ReadOnlyMemory<long> _places; // of the items or rows at hand; empty for all

    /// <param name="seed">The run's.</param>
    public TrainingNoise(int seed)
    {
        _seed = HashedNumbers.Mix((uint)seed);
        Begin(0);
    }

    private TrainingNoise(ulong batch) => _batch = batch;

    /// <summary>Begins a batch: what is drawn from here on depends on its number alone.</summary>
    /// <param name="batch">The number of the batch in the whole run.</param>
    public void Begin(long batch) => (_batch, _draws, _places) = (HashedNumbers.Mix(_seed ^ (ulong)batch), 0, default);

    /// <summary>
    /// Says which of the items or rows of the batch the following draws are for, all of them as many numbers for each: they are what
    /// a draw for the whole batch has at their places.
    /// </summary>
    /// <param name="places">Their places in the batch, in ascending order; none for all.</param>
    public void DrawFor(ReadOnlyMemory<long> places) => _places = places;

    /// <summary>A source of its own, which stands for one draw of this one, and is another for every part.</summary>
    public TrainingNoise Fork() => new(NextKey() + (_places.IsEmpty ? 0 : (ulong)_places.Span[0]));

    /// <summary>
    /// Sources for blocks of the items or rows that draws are for, each block to be worked on by itself: they draw what one source
    /// would for all. Together they stand for one draw of this one.
    /// </summary>
    /// <returns>The source for a block of those of <see cref="DrawFor"/>, by its first, from 0, and its length.</returns>
    public Func<long, long, TrainingNoise> Blocks()
    {
        ulong key = NextKey();
        ReadOnlyMemory<long> places = _places;
        return (from, count) =>
            new(key)
            {
                _places = places.IsEmpty ? new Part(from, count).Places() : places.Slice((int)from, (int)count),
            };
    }

    /// <summary>The same source as this one was at its beginning.</summary>
    public TrainingNoise Again() => new(_batch);

    /// <summary>What dropout multiplies by: 0 for <paramref name="share"/> of the numbers, 1 / (1 - share) for the others.</summary>
    public Tensor Keep(Tensor like, float share)
    {
        using var _ = TensorState.Frozen();
        return HashedNumbers.Mask(like.shape, like.device, NextKey(), share, 1 / (1 - share), _places.Span);
    }

    /// <summary>0 for <paramref name="share"/> of <paramref name="count"/> rows, 1 for the others: (count, 1).</summary>
    public Tensor KeepRows(long count, float share, Device where)
    {
        using var _ = TensorState.Frozen();
        return HashedNumbers.Mask([count, 1], where, NextKey(), share, 1, _places.Span); // (count, 1)
    }

    /// <summary>Numbers of N(0, 1).</summary>
    public Tensor Normal(Tensor like)
    {
        using var _ = TensorState.Frozen();
        return HashedNumbers.Normal(like.shape, like.device, NextKey(), _places.Span);
    }

    private ulong NextKey() => HashedNumbers.Mix(_batch + ++_draws);
}

using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.Transforms;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Runtime;

/// <summary>
/// The processes that do one work together, for who works with tensors: all of a work is written for ranks, and one process is the
/// only one of its own. What one rank alone finds out, its clock, a token or an error, is told to all before anyone acts on it.
/// </summary>
/// <param name="collective">How they exchange numbers; null for one process.</param>
internal sealed class Ranks(ICollective? collective)
{
    private const int LargestPiece = 1 << 27; // numbers of one call: a GiB of float64

    /// <summary>One process.</summary>
    public static readonly Ranks One = new(null);

    private Exception? _shared;

    /// <summary>This process among them, from 0.</summary>
    public int Rank => collective?.Rank ?? 0;

    /// <summary>How many they are.</summary>
    public int Count => collective?.Size ?? 1;

    /// <summary>Whether there is no other.</summary>
    public bool Alone => Count == 1;

    /// <summary>Whether this is the one that decides, tells and writes.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>This rank's share of so many, in equal parts in the order of ranks.</summary>
    /// <param name="count">How many there are to share.</param>
    public Part Share(long count) => ShareOf(Rank, count);

    /// <summary>
    /// The rank that holds what is known of an item and embeds it: the next one for the next item, so that a rank knows its items
    /// before it knows how many there are, and popular ones are spread wherever the catalogue has them.
    /// </summary>
    /// <param name="item">The item's index in the catalogue; its row on that rank is <see cref="RowOf"/>.</param>
    public int HolderOf(long item) => (int)(item % Count);

    /// <summary>The row of an item among those that its rank holds.</summary>
    public long RowOf(long item) => item / Count;

    /// <summary>The items that each rank holds, in their order.</summary>
    /// <param name="count">Items of the catalogue.</param>
    public long[][] Held(long count) =>
        [
            .. Enumerable
                .Range(0, Count)
                .Select(rank =>
                {
                    long[] items = new long[(count - rank + Count - 1) / Count];
                    for (long row = 0; row < items.LongLength; row++)
                    {
                        items[row] = (row * Count) + rank;
                    }
                    return items;
                }),
        ];

    /// <summary>Replaces numbers by the sum of all ranks' numbers at their places.</summary>
    /// <param name="values">Contiguous float32 or float64.</param>
    public void Sum(Tensor values)
    {
        if (values.dtype == ScalarType.Float64)
        {
            InPieces(values, here => collective!.Sum(Numbers<double>(here)));
        }
        else
        {
            InPieces(values, here => collective!.Sum(Numbers<float>(here)));
        }
    }

    /// <inheritdoc cref="ICollective.Sum(Span{double})"/>
    public void Sum(Span<double> values)
    {
        if (!Alone)
        {
            collective!.Sum(values);
        }
    }

    /// <summary>The rows of all ranks.</summary>
    /// <param name="own">This rank's rows: (v, d), float32, without gradient.</param>
    /// <param name="places">Where the rows of each rank belong among all, of which they are each place once.</param>
    /// <returns>(V, d), on the device of <paramref name="own"/>; an alias where there is no other rank.</returns>
    public Tensor Gather(Tensor own, long[][] places)
    {
        if (Alone)
        {
            return own.alias();
        }
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        (long count, long width) = (places.Sum(of => of.LongLength), own.shape[1]);
        Tensor all = empty(count, width, ScalarType.Float32, device: own.device); // (V, d)
        // Pieces of every rank's rows together, so that no call has more numbers than it may.
        long pieces = Math.Max(1, ((count * width) + LargestPiece - 1) / LargestPiece);
        for (long piece = 0; piece < pieces; piece++)
        {
            Part[] parts = Array.ConvertAll(places, of => Piece(of.LongLength, piece, pieces));
            int[] lengths = Array.ConvertAll(parts, part => (int)(part.Count * width));
            Tensor buffer = empty(lengths.Sum(length => (long)length) / width, width, ScalarType.Float32); // (v, d)
            Part mine = parts[Rank];
            buffer
                .narrow(0, parts.Take(Rank).Sum(part => part.Count), mine.Count)
                .copy_(own.narrow(0, mine.First, mine.Count)); // (v of this rank, d)
            collective!.Gather(Numbers<float>(buffer), lengths);
            long[] order =
            [
                .. places
                    .Zip(parts)
                    .SelectMany(of => of.First.AsSpan((int)of.Second.First, (int)of.Second.Count).ToArray()),
            ];
            all.index_copy_(0, DeviceMemory.Upload(own.device, order)[0], DeviceMemory.Upload(own.device, buffer));
        }
        return all.MoveToOuterDisposeScope();
    }

    /// <summary>The numbers of all ranks, each of which has its <see cref="Share"/> of them.</summary>
    /// <param name="own">This rank's.</param>
    /// <param name="count">All of them.</param>
    public int[] Gather(ReadOnlySpan<int> own, int count)
    {
        var all = new int[count];
        own.CopyTo(all.AsSpan((int)Share(count).First));
        if (!Alone)
        {
            int[] lengths = [.. Enumerable.Range(0, Count).Select(rank => (int)ShareOf(rank, count).Count)];
            collective!.Gather(MemoryMarshal.Cast<int, float>(all.AsSpan()), lengths); // moved, not computed with
        }
        return all;
    }

    /// <summary>Gives numbers the values that they have on the first rank.</summary>
    /// <param name="values">Contiguous, of any type.</param>
    public void TakeFirst(Tensor values) => InPieces(values, here => collective!.Broadcast(here.bytes, 0));

    /// <summary>What the first rank has, as bytes.</summary>
    /// <param name="own">Asked for on the first rank alone.</param>
    public byte[] OfFirst(Func<byte[]> own) => Alone ? own() : OfRank(0, IsFirst ? own() : null);

    /// <summary>What each rank has to say, as text, in their order.</summary>
    public string[] OfEach(string own)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(own);
        return
        [
            .. Enumerable
                .Range(0, Count)
                .Select(rank => Alone ? own : Encoding.UTF8.GetString(OfRank(rank, rank == Rank ? bytes : null))),
        ];
    }

    /// <summary>Whether it is so on any rank.</summary>
    public bool Any(bool here)
    {
        Span<double> found = [here ? 1 : 0];
        Sum(found);
        return found[0] > 0;
    }

    /// <summary>What the first rank decides.</summary>
    /// <param name="decide">Asked on the first rank alone.</param>
    /// <exception cref="InvalidOperationException">It could not: on the other ranks. On the first, what was thrown there.</exception>
    public bool FirstDecides(Func<bool> decide)
    {
        if (Alone)
        {
            return decide();
        }
        Exception? error = null;
        byte[] told = OfFirst(() =>
        {
            try
            {
                return [decide() ? (byte)1 : (byte)0];
            }
            catch (Exception found)
            {
                error = found;
                return Encoding.UTF8.GetBytes("!" + found.Message);
            }
        });
        return told[0] switch
        {
            (byte)'!' => throw Shared(
                error ?? new InvalidOperationException($"Rank 0: {Encoding.UTF8.GetString(told.AsSpan(1))}")
            ),
            byte answer => answer == 1,
        };
    }

    /// <summary>Stops all ranks where one is to stop.</summary>
    /// <exception cref="OperationCanceledException">One is.</exception>
    public void CheckAlive(RunContext context)
    {
        if (Alone)
        {
            context.CheckAlive();
        }
        else if (Any(context.IsCancelled))
        {
            throw Shared(new OperationCanceledException("One of the ranks was cancelled."));
        }
    }

    /// <summary>Refuses ranks of which one has another text than the first.</summary>
    /// <param name="what">What the text stands for.</param>
    /// <param name="own">This rank's.</param>
    /// <exception cref="InvalidOperationException">One has: thrown on all.</exception>
    public void RequireSame(string what, string own)
    {
        string[] all = OfEach(own);
        int other = Array.FindIndex(all, text => text != all[0]);
        if (other > 0)
        {
            throw Shared(
                new InvalidOperationException(
                    $"{what}: expected the same on all ranks, found {all[0]} on rank 0 and {all[other]} on rank {other}."
                )
            );
        }
    }

    /// <summary>Marks an error that all ranks meet together.</summary>
    public T Shared<T>(T error)
        where T : Exception
    {
        _shared = error;
        return error;
    }

    /// <summary>Does a rank's part of a work; an error that it meets alone ends the work of all.</summary>
    public T Together<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (!Alone && error != _shared)
        {
            collective!.Abort(error.Message);
            throw;
        }
    }

    /// <summary>The ranks and where each runs, for the log.</summary>
    public string Describe() =>
        string.Join(", ", OfEach(collective?.Host ?? "").Select((host, rank) => $"rank {rank} on {host}"));

    private byte[] OfRank(int rank, byte[]? own)
    {
        int length = own?.Length ?? 0;
        collective!.Broadcast(MemoryMarshal.AsBytes(new Span<int>(ref length)), rank);
        byte[] bytes = own ?? new byte[length];
        collective.Broadcast(bytes, rank);
        return bytes;
    }

    private Part ShareOf(int rank, long count)
    {
        long first = count * rank / Count;
        return new(first, (count * (rank + 1) / Count) - first);
    }

    private static Part Piece(long count, long piece, long pieces)
    {
        long first = count * piece / pieces;
        return new(first, (count * (piece + 1) / pieces) - first);
    }

    private static Span<T> Numbers<T>(Tensor values)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(values.bytes);

    // In the host's memory, no more numbers at a time than a call may have.
    private void InPieces(Tensor values, Action<Tensor> exchange)
    {
        if (Alone)
        {
            return;
        }
        using var _ = TensorState.Frozen();
        using var scope = NewDisposeScope();
        Tensor flat = values.view(-1); // (N)
        for (long from = 0; from < flat.shape[0]; from += LargestPiece)
        {
            Tensor piece = flat.narrow(0, from, Math.Min(LargestPiece, flat.shape[0] - from)); // (n)
            Tensor here = DeviceMemory.Read(piece); // (n)
            exchange(here);
            if (piece.device_type != DeviceType.CPU)
            {
                piece.copy_(here);
            }
        }
    }
}

/// <summary>Some of many, side by side.</summary>
/// <param name="First">The first of them, from 0.</param>
/// <param name="Count">How many they are.</param>
internal readonly record struct Part(long First, long Count)
{
    /// <summary>Each of them.</summary>
    public long[] Places()
    {
        long[] places = new long[Count];
        for (long i = 0; i < Count; i++)
        {
            places[i] = First + i;
        }
        return places;
    }
}

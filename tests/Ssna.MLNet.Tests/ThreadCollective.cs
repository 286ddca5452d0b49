using System.Runtime.ExceptionServices;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet;

/// <summary>Ranks that are threads of one process, for what can be tested without MPI.</summary>
internal sealed class ThreadCollective : ICollective
{
    private readonly Meeting _meeting;

    private ThreadCollective(Meeting meeting, int rank) => (_meeting, Rank) = (meeting, rank);

    public int Rank { get; }

    public int Size => _meeting.Size;

    public string Host => "here";

    /// <summary>Runs work on so many ranks, and returns what each made of it, in their order.</summary>
    public static T[] Run<T>(int size, Func<ICollective, T> work)
    {
        using var meeting = new Meeting(size);
        var results = new T[size];
        var errors = new Exception?[size];
        Thread[] threads =
        [
            .. Enumerable
                .Range(0, size)
                .Select(rank => new Thread(() =>
                {
                    try
                    {
                        results[rank] = work(new ThreadCollective(meeting, rank));
                    }
                    catch (Exception error)
                    {
                        errors[rank] = error;
                        meeting.Leave();
                    }
                })),
        ];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }
        foreach (Thread thread in threads)
        {
            thread.Join();
        }
        if (Array.Find(errors, error => error is not null and not OperationCanceledException) is { } first)
        {
            ExceptionDispatchInfo.Throw(first);
        }
        return results;
    }

    public void Sum(Span<float> values)
    {
        float[][] all = _meeting.Exchange(Rank, values.ToArray());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(own => own[i]);
        }
    }

    public void Sum(Span<double> values)
    {
        double[][] all = _meeting.Exchange(Rank, values.ToArray());
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = all.Sum(own => own[i]);
        }
    }

    public void Gather(Span<float> values, ReadOnlySpan<int> lengths)
    {
        float[][] all = _meeting.Exchange(Rank, values.ToArray());
        int start = 0;
        for (int rank = 0; rank < lengths.Length; rank++)
        {
            all[rank].AsSpan(start, lengths[rank]).CopyTo(values[start..]);
            start += lengths[rank];
        }
    }

    public void Broadcast(Span<byte> bytes, int rank) => _meeting.Exchange(Rank, bytes.ToArray())[rank].CopyTo(bytes);

    public void Abort(string reason) => _meeting.Leave();

    private sealed class Meeting(int size) : IDisposable
    {
        private readonly CancellationTokenSource _left = new();
        private readonly Barrier _barrier = new(size);
        private readonly object[] _brought = new object[size];

        public int Size => size;

        public T[] Exchange<T>(int rank, T own)
            where T : class
        {
            _brought[rank] = own;
            _barrier.SignalAndWait(_left.Token);
            T[] all = [.. _brought.Cast<T>()];
            _barrier.SignalAndWait(_left.Token);
            return all;
        }

        public void Leave() => _left.Cancel();

        public void Dispose()
        {
            _barrier.Dispose();
            _left.Dispose();
        }
    }
}

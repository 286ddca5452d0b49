using System.Runtime.InteropServices;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Model;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Training;

/// <summary>Cuts sequences into windows once, and deals them out into batches anew for every epoch.</summary>
/// <remarks>
/// A window of n + 1 items gives n cases: each of its first n items is an input, and the item behind it a target. A batch
/// takes windows in random order, whatever their lengths, so that batches stay random samples.
/// </remarks>
internal sealed class BatchPlanner
{
    private readonly List<ReadOnlyMemory<int>> _windows = [];
    private readonly List<int> _sequenceOf = []; // of each window
    private readonly Settings _settings;
    private readonly int[] _rowOfItem; // scratch: the row of an item among a batch's distinct items, from 1; 0 = not seen yet

    /// <param name="sequences">Training sequences, oldest item first; those of fewer than two items have no case.</param>
    /// <param name="itemCount">Items of the catalogue.</param>
    /// <param name="settings">How windows and batches are cut.</param>
    public BatchPlanner(SequenceSet sequences, int itemCount, Settings settings)
    {
        _settings = settings;
        _rowOfItem = new int[itemCount];
        bool earlier = WindowCoverage.Of(sequences, settings.Window).TakesEarlier(settings.EarlierWindows);
        for (int i = 0; i < sequences.Count; i++)
        {
            ReadOnlyMemory<int> sequence = sequences.Memory(i);
            int end = sequence.Length;
            do
            {
                int start = Math.Max(0, end - settings.Window - 1);
                if (end - start >= 2)
                {
                    _windows.Add(sequence[start..end]);
                    _sequenceOf.Add(i);
                }
                // The oldest item of this window has not been a target yet.
                end = start + 1;
            } while (earlier && end > 1);
        }
        CaseCount = _windows.Sum(window => window.Length - 1L);
        HasTwoUsers = _sequenceOf.Count > 0 && _sequenceOf[0] != _sequenceOf[^1];
    }

    /// <param name="Window">Input items of a window at most.</param>
    /// <param name="BatchSize">Targets of a batch; long windows may exceed it.</param>
    /// <param name="EarlierWindows">Whether long sequences give windows before their last.</param>
    /// <param name="Loss">What the loss needs of a batch.</param>
    public sealed record Settings(int Window, int BatchSize, EarlierWindows EarlierWindows, BatchNeeds Loss)
    {
        /// <summary>What training with these options asks for.</summary>
        /// <param name="options">The options.</param>
        /// <param name="loss">What their loss means for the catalogue.</param>
        public static Settings Of(TrainingOptions options, TrainingLoss loss) =>
            new(
                options.SequenceModel.MaximumSequenceLength,
                options.BatchSize,
                options.TrainOnEarlierWindows,
                loss.Needs
            );
    }

    /// <summary>Windows of all sequences together.</summary>
    public int WindowCount => _windows.Count;

    /// <summary>Training cases (prefixes) of an epoch.</summary>
    public long CaseCount { get; }

    /// <summary>Whether there are windows of two users at least.</summary>
    public bool HasTwoUsers { get; }

    /// <summary>How often each item is a target in an epoch: (I).</summary>
    public int[] TargetCounts()
    {
        var counts = new int[_rowOfItem.Length];
        foreach (ReadOnlyMemory<int> window in _windows)
        {
            foreach (int item in window.Span[1..])
            {
                counts[item]++;
            }
        }
        return counts;
    }

    /// <summary>The windows of each batch of an epoch.</summary>
    public List<int[]> Deal(Random random)
    {
        int[] order = Enumerable.Range(0, _windows.Count).ToArray();
        random.Shuffle(order);
        var batches = new List<int[]>();
        int start = 0;
        int cases = 0;
        bool complete = false;
        for (int i = 0; i < order.Length; i++)
        {
            int more = _windows[order[i]].Length - 1;
            if (complete && cases + more > _settings.BatchSize)
            {
                batches.Add(order[start..i]);
                (start, cases, complete) = (i, 0, false);
            }
            cases += more;
            complete = complete || !_settings.Loss.OtherUsers || _sequenceOf[order[i]] != _sequenceOf[order[start]];
        }
        if (complete || batches.Count == 0)
        {
            batches.Add(order[start..]);
        }
        else
        {
            batches[^1] = [.. batches[^1], .. order[start..]]; // one user's rest teaches nothing by itself
        }
        return batches;
    }

    /// <summary>
    /// Makes the index lists of a batch of windows, its cases in the order of their slots. Not for two threads at once.
    /// </summary>
    /// <param name="windows">The windows, as <see cref="Deal"/> gives them.</param>
    /// <param name="random">Draws the negatives.</param>
    public TrainingBatch Build(int[] windows, Random random)
    {
        SequencePacking packing = SequencePacking
            .Pack(Array.ConvertAll(windows, window => _windows[window].Length - 1))
            .InOrderOfSlots(out int[] order);
        int[] lengths = packing.Lengths;
        int cases = lengths.Sum();
        var inputs = new int[cases];
        var targets = new long[cases];
        var users = new long[cases];
        int next = 0;
        foreach (int index in order.Select(i => windows[i]))
        {
            ReadOnlySpan<int> window = _windows[index].Span;
            for (int i = 1; i < window.Length; i++, next++)
            {
                inputs[next] = window[i - 1];
                targets[next] = window[i];
                users[next] = _sequenceOf[index];
            }
        }
        long[]? seen = _settings.Loss.FindSeen ? FindSeen(inputs, targets, lengths) : null;
        long[] negatives = new long[_settings.Loss.Negatives];
        foreach (ref long negative in negatives.AsSpan())
        {
            negative = random.Next(_rowOfItem.Length);
        }
        int candidates = 0;
        long[]? items = _settings.Loss.WholeCatalogue ? null : Renumber(inputs, targets, negatives, out candidates);
        return new TrainingBatch
        {
            Items = items,
            Packing = packing,
            Inputs = packing.Place(inputs, unused: 0),
            Slots = packing.Slots(),
            Cases = new BatchCases
            {
                Targets = targets,
                Users = users,
                Candidates = candidates,
                Negatives = negatives,
                Seen = seen,
            },
        };
    }

    // Replaces catalogue indexes by rows among the distinct items, which it returns: targets and negatives first, which are
    // the candidates.
    private long[] Renumber(int[] inputs, long[] targets, long[] negatives, out int candidates)
    {
        var distinct = new List<long>(inputs.Length + negatives.Length);
        foreach (ref long target in targets.AsSpan())
        {
            target = Row((int)target);
        }
        foreach (ref long negative in negatives.AsSpan())
        {
            negative = Row((int)negative);
        }
        candidates = distinct.Count;
        foreach (ref int input in inputs.AsSpan())
        {
            input = Row(input);
        }
        foreach (long item in distinct)
        {
            _rowOfItem[item] = 0;
        }
        return [.. distinct];

        int Row(int item)
        {
            ref int row = ref _rowOfItem[item];
            if (row == 0)
            {
                distinct.Add(item);
                row = distinct.Count;
            }
            return row - 1;
        }
    }

    private static long[] FindSeen(int[] inputs, long[] targets, int[] lengths)
    {
        int cases = inputs.Length;
        var columns = new Dictionary<long, List<int>>(cases);
        for (int c = 0; c < cases; c++)
        {
            ref List<int>? of = ref CollectionsMarshal.GetValueRefOrAddDefault(columns, targets[c], out _);
            (of ??= []).Add(c);
        }
        var seen = new List<long>();
        int start = 0;
        foreach (int length in lengths)
        {
            for (int row = start; row < start + length; row++)
            {
                for (int input = start; input <= row; input++)
                {
                    if (columns.TryGetValue(inputs[input], out List<int>? hits))
                    {
                        foreach (int column in hits)
                        {
                            seen.Add(((long)row * cases) + column);
                        }
                    }
                }
            }
            start += length;
        }
        return [.. seen];
    }
}

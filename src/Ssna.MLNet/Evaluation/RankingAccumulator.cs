using Microsoft.ML.Data;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Evaluation;

/// <summary>
/// Collects, row by row, where the wanted item stands in the scores of the whole catalogue, for <c>EvaluateRanking</c>. Not
/// thread-safe: rows come in order.
/// </summary>
/// <param name="catalogueSize">The number of items, and of scores in a row.</param>
/// <param name="cutoffs">Where ranked lists are cut off; the longest one says how many top items coverage looks at.</param>
/// <param name="withHistory">Whether rows come with a history, and so also count without its items.</param>
/// <param name="trainingCounts">How often each item was taken in the training data, or null where that is not known.</param>
/// <param name="embeddings">Tells how alike items are; null where that is not asked for.</param>
internal sealed class RankingAccumulator(
    int catalogueSize,
    IReadOnlyList<int> cutoffs,
    bool withHistory = true,
    long[]? trainingCounts = null,
    EmbeddingsOfItems? embeddings = null
)
{
    private readonly int[] _cutoffs = Checked(cutoffs);
    private readonly List<int> _allRanks = [];
    private readonly List<int> _unseenRanks = [];
    private readonly List<bool> _repeated = [];
    private readonly List<int> _historyLengths = [];
    private readonly List<int> _targets = [];
    private readonly TopLists _allTops = new(catalogueSize, Checked(cutoffs), embeddings);
    private readonly TopLists? _unseenTops = withHistory ? new(catalogueSize, Checked(cutoffs), embeddings) : null;
    private readonly int[] _seenInRow = new int[withHistory ? catalogueSize : 0]; // the last row whose history has the item
    private int _row; // counts rows from 1, to mark them in _seenInRow

    /// <summary>Rows that counted.</summary>
    public int RowCount => _allRanks.Count;

    /// <summary>Rows left out because their label is not in the catalogue.</summary>
    public int UnknownLabelRows { get; private set; }

    /// <summary>Rows left out because they have no label.</summary>
    public int MissingLabelRows { get; private set; }

    /// <summary>Rows left out because a score is NaN.</summary>
    public int InvalidScoreRows { get; private set; }

    /// <summary>
    /// Counts one row. Its rank is 1 and the number of other items that score as high as the target or higher; without the
    /// history's items, the target itself stays in even if it is one of them.
    /// </summary>
    /// <param name="scores">One score an item.</param>
    /// <param name="target">The wanted item, or <see cref="ItemIds.Unknown"/> or <see cref="ItemIds.Missing"/>.</param>
    /// <param name="history">The user's items, repeats and unknown ones (-1) allowed.</param>
    /// <returns>Whether the row counted.</returns>
    public bool Add(ReadOnlySpan<float> scores, int target, ReadOnlySpan<int> history)
    {
        if (scores.Length != catalogueSize)
        {
            throw new ArgumentException($"Expected {catalogueSize} scores, found {scores.Length}.", nameof(scores));
        }
        if (target < 0)
        {
            Skip(target);
            return false;
        }
        float wanted = scores[target];
        int rank = ScoreCount.AtLeast(scores, wanted, out bool hasNaN);
        if (hasNaN)
        {
            SkipInvalid();
            return false;
        }
        _targets.Add(target);
        _allRanks.Add(rank);
        _allTops.Add(scores, default, 0);
        if (withHistory)
        {
            _row++;
            foreach (int item in history)
            {
                if (item >= 0 && item != target && _seenInRow[item] != _row)
                {
                    _seenInRow[item] = _row;
                    rank -= scores[item] >= wanted ? 1 : 0;
                }
            }
            _unseenRanks.Add(rank);
            _repeated.Add(history.Contains(target));
            _historyLengths.Add(history.Length);
            _unseenTops?.Add(scores, _seenInRow, _row);
        }
        return true;
    }

    /// <summary>Counts a row without a target: <see cref="ItemIds.Unknown"/> or <see cref="ItemIds.Missing"/> says why.</summary>
    public void Skip(int target) => _ = target == ItemIds.Missing ? MissingLabelRows++ : UnknownLabelRows++;

    /// <summary>Counts a row with a score of NaN.</summary>
    public void SkipInvalid() => InvalidScoreRows++;

    /// <summary>The figures of the rows so far.</summary>
    public ItemRankingMetrics ToMetrics()
    {
        var all = new ItemRankingFigures([.. _allRanks], _allTops.Coverages(), _allTops.Diversities());
        ItemRankingFigures? unseen = _unseenTops is null
            ? null
            : new([.. _unseenRanks], _unseenTops.Coverages(), _unseenTops.Diversities());
        var groups = new RankingGroups(all, unseen);
        return new(catalogueSize, [.. _cutoffs], all, unseen, UnknownLabelRows, MissingLabelRows, InvalidScoreRows)
        {
            ByTarget = withHistory ? groups.ByTarget(_repeated) : null,
            ByHistoryLength = withHistory ? groups.ByHistoryLength(_historyLengths) : null,
            ByPopularity = trainingCounts is null
                ? null
                : groups.ByPopularity(_targets, PopularityGroups.Of(trainingCounts)),
        };
    }

    private static int[] Checked(IReadOnlyList<int> cutoffs)
    {
        if (cutoffs.Count == 0 || cutoffs.Any(cutoff => cutoff < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(cutoffs),
                $"Expected one or more cut-offs from 1, found [{string.Join(", ", cutoffs)}]."
            );
        }
        return [.. cutoffs.Distinct().Order()];
    }
}

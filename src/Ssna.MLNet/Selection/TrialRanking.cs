using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Selection;

/// <summary>The trials of a search by the keys of their points, and which is the best.</summary>
internal sealed class TrialRanking
{
    private readonly Dictionary<string, SsnaSearchTrial> _trials = new(StringComparer.Ordinal);

    public SsnaSearchTrial? Best { get; private set; }

    public string? BestKey { get; private set; }

    public IReadOnlyDictionary<string, SsnaSearchTrial> Trials => _trials;

    /// <summary>Adds a trial, and says whether it is the best now.</summary>
    public bool Add(string key, SsnaSearchTrial trial)
    {
        _trials.Add(key, trial);
        bool best = trial.Failure is null && (Best is null || Compare(key, trial, BestKey!, Best) > 0);
        if (best)
        {
            (BestKey, Best) = (key, trial);
        }
        return best;
    }

    // The key decides between equals, so that the best does not depend on the order in which trials were run.
    private static int Compare(string key, SsnaSearchTrial trial, string otherKey, SsnaSearchTrial other)
    {
        int order = trial.ValidationRecallAt10.CompareTo(other.ValidationRecallAt10);
        order = order != 0 ? order : trial.ValidationNdcgAt10.CompareTo(other.ValidationNdcgAt10);
        return order != 0 ? order : string.CompareOrdinal(otherKey, key);
    }
}

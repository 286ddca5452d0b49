using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Scoring;

/// <summary>What is asked for one user, in catalogue indexes.</summary>
/// <param name="History">What the user took, oldest first.</param>
/// <param name="Count">How many of the best are wanted.</param>
/// <param name="ExcludeHistory">Whether none of them is in the history, all of it.</param>
/// <param name="Denied">What is none of them, ascending.</param>
/// <param name="Allowed">What to choose from, or null for the whole catalogue.</param>
internal sealed record RankingRequest(
    int[] History,
    int Count,
    bool ExcludeHistory,
    int[] Denied,
    int[]? Allowed = null
)
{
    /// <summary>The indexes, ascending, that are none of the best.</summary>
    public int[] Excluded => ExcludeHistory ? Ascending([.. History, .. Denied]) : Denied;

    /// <summary>The histories of requests.</summary>
    public static SequenceSet Histories(IReadOnlyList<RankingRequest> requests)
    {
        var builder = new SequenceSetBuilder();
        foreach (RankingRequest request in requests)
        {
            builder.Add(request.History);
        }
        return builder.ToSet();
    }

    /// <summary>The same indexes, put in order in place.</summary>
    public static int[] Ascending(int[] indexes)
    {
        Array.Sort(indexes);
        return indexes;
    }
}

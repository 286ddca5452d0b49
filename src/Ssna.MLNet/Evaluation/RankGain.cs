namespace Ssna.MLNet.Evaluation;

/// <summary>What a row adds to a figure whose wanted item is at a rank, from 1, where lists are cut off at a length.</summary>
internal delegate double RankGain(int rank, int cutoff);

/// <summary>The gains of the figures.</summary>
internal static class RankGains
{
    public static double Recall(int rank, int cutoff) => rank <= cutoff ? 1 : 0;

    public static double Ndcg(int rank, int cutoff) => rank <= cutoff ? 1 / Math.Log2(rank + 1.0) : 0;

    public static double Mrr(int rank, int cutoff) => rank <= cutoff ? 1.0 / rank : 0;
}

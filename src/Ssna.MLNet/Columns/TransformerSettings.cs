using Ssna.MLNet.Items;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Columns;

/// <summary>What a transformer reads and writes: saved with it.</summary>
/// <param name="Sequence">The input column of sequences.</param>
/// <param name="Item">The column of item tables with the id.</param>
/// <param name="Inputs">What else is read of item tables.</param>
/// <param name="InputsBeforePipeline">
/// Whether the items had columns of those names before an item pipeline made its own: that a table has them does not tell
/// whether the pipeline has still to be run.
/// </param>
/// <param name="Score">The output column of the whole catalogue's scores.</param>
/// <param name="RecommendedItems">The output column of the best items' ids.</param>
/// <param name="RecommendedScores">The output column of their scores.</param>
/// <param name="TopK">How many of the best at most.</param>
/// <param name="ExcludeHistory">Whether they leave out the row's own items.</param>
internal sealed record TransformerSettings(
    string Sequence,
    string Item,
    ItemInputs Inputs,
    bool InputsBeforePipeline,
    string Score,
    string RecommendedItems,
    string RecommendedScores,
    int TopK,
    bool ExcludeHistory
)
{
    /// <summary>Checks settings that a file claims, but what is read of items: see <see cref="Model.SsnaModelShape.Check"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is out of its range; the message names it.</exception>
    public void Check()
    {
        OptionsChecks.NotEmpty(Sequence, nameof(Sequence));
        OptionsChecks.NotEmpty(Item, nameof(Item));
        CheckOutputs(Score, RecommendedItems, RecommendedScores);
        OptionsChecks.AtLeast(1, TopK, nameof(TopK));
    }

    /// <summary>Refuses names of output columns that are empty or the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are.</exception>
    public static void CheckOutputs(params string[] outputs) =>
        OptionsChecks.Require(
            !outputs.Any(string.IsNullOrEmpty) && outputs.Distinct().Count() == outputs.Length,
            string.Join(", ", outputs),
            "ScoreColumnName, RecommendedItemsColumnName and RecommendedScoresColumnName",
            "three different names"
        );
}

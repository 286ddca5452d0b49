using System.Globalization;
using System.Text;
using Ssna.MLNet.Evaluation;

namespace Microsoft.ML.Data;

public sealed partial class ItemRankingMetrics
{
    /// <summary>
    /// A table of the figures at every cut-off, each ± its standard error, the rows that count and do not, and a table of the groups
    /// of rows at the first cut-off.
    /// </summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append($"{RowCount} rows ranked among {CatalogueSize} items.");
        AppendIf(UnknownLabelRows, "left out: their label is no item of the catalogue");
        AppendIf(MissingLabelRows, "left out: they have no label");
        AppendIf(InvalidScoreRows, "left out: a score is NaN");
        Append(
            $"{"", -16}{"Recall", 16}{"NDCG", 16}{"MRR", 16}{"Coverage", 16}{(All.HasDiversity ? "Diversity" : ""), 16}"
        );
        AppendFigures("all", All);
        if (ExcludeSeen is { } unseen)
        {
            AppendFigures("unseen", unseen);
        }
        AppendGroups();
        return text.ToString().TrimEnd();

        void AppendFigures(string name, ItemRankingFigures figures)
        {
            foreach (int k in Cutoffs)
            {
                string diversity = figures.HasDiversity ? Text(figures.Diversity(k)) : "";
                Append(
                    $"{$"{name}, best {k}", -16}{Text(figures.Mean(RankGains.Recall, k)), 16}{Text(figures.Mean(RankGains.Ndcg, k)), 16}{Text(figures.Mean(RankGains.Mrr, k)), 16}{Text(figures.Coverage(k)), 16}{diversity, 16}"
                );
            }
        }

        void AppendGroups()
        {
            (string Title, IReadOnlyList<ItemRankingGroup>? Groups)[] splits =
            [
                ("wanted item", ByTarget),
                ("history length", ByHistoryLength),
                ("popularity", ByPopularity),
            ];
            string unseenTitles = ExcludeSeen is null ? "" : $"{"unseen Recall", 16}{"unseen NDCG", 16}";
            foreach ((string title, IReadOnlyList<ItemRankingGroup>? groups) in splits)
            {
                if (groups is null)
                {
                    continue;
                }
                Append($"");
                Append($"{$"{title}, best {Cutoffs[0]}", -24}{"rows", 8}{"Recall", 16}{"NDCG", 16}{unseenTitles}");
                foreach (ItemRankingGroup group in groups)
                {
                    string name = group.ItemCount is { } items ? $"{group.Name} ({items} items)" : group.Name;
                    Append($"{name, -24}{group.RowCount, 8}{Pair(group.All)}{Pair(group.ExcludeSeen)}");
                }
            }
        }

        string Pair(ItemRankingFigures? figures) =>
            figures is null
                ? ""
                : $"{Text(figures.Mean(RankGains.Recall, Cutoffs[0])), 16}{Text(figures.Mean(RankGains.Ndcg, Cutoffs[0])), 16}";

        void AppendIf(long rows, string reason)
        {
            if (rows > 0)
            {
                Append($"{rows} rows {reason}.");
            }
        }

        void Append(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture).TrimEnd());
    }

    private static string Text(Estimate estimate) =>
        string.Create(CultureInfo.InvariantCulture, $"{estimate.Value:F4} ±{estimate.StandardError:F4}");
}

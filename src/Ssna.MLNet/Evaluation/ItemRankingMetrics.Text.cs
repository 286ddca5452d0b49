using System.Globalization;
using System.Text;

namespace Microsoft.ML.Data;

public sealed partial class ItemRankingMetrics
{
    /// <summary>A table of the figures at every cut-off, and the rows that count and do not.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append($"{RowCount} rows ranked among {CatalogueSize} items.");
        AppendIf(UnknownLabelRows, "left out: their label is no item of the catalogue");
        AppendIf(MissingLabelRows, "left out: they have no label");
        AppendIf(InvalidScoreRows, "left out: a score is NaN");
        Append($"{"", -16}{"Recall", 10}{"NDCG", 10}{"MRR", 10}{"Coverage", 10}");
        AppendFigures("all", All);
        if (ExcludeSeen is { } unseen)
        {
            AppendFigures("unseen", unseen);
        }
        return text.ToString().TrimEnd();

        void AppendFigures(string name, ItemRankingFigures figures)
        {
            foreach (int k in Cutoffs)
            {
                Append(
                    $"{$"{name}, best {k}", -16}{figures.Recall(k), 10:F4}{figures.Ndcg(k), 10:F4}{figures.Mrr(k), 10:F4}{figures.CatalogueCoverage(k), 10:F4}"
                );
            }
        }

        void AppendIf(long rows, string reason)
        {
            if (rows > 0)
            {
                Append($"{rows} rows {reason}.");
            }
        }

        void Append(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }
}

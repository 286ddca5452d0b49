using System.Globalization;
using System.Text;

namespace Ssna.MLNet.Fuzz;

/// <summary>Results as Markdown.</summary>
internal static class Table
{
    private const int Examples = 4;

    public static string Of(IReadOnlyList<Campaign.Results> all)
    {
        var text = new StringBuilder(
            "| Format | Mutations | Same | Refused | Another file | Unclear | Changed | Crash | Hang | Memory |\n"
                + "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n"
        );
        foreach (Campaign.Results results in all)
        {
            IEnumerable<int> counts = Enum.GetValues<Outcome>().Select(outcome => results.Counts[outcome]);
            text.Append(CultureInfo.InvariantCulture, $"| {results.Format} | {counts.Sum()} |")
                .AppendJoin("", counts.Select(count => $" {count} |"))
                .Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The first findings of each kind, to be repeated by their numbers.</summary>
    public static string Findings(IReadOnlyList<Campaign.Results> all, int seed)
    {
        var text = new StringBuilder();
        foreach (Campaign.Results results in all)
        {
            foreach (IGrouping<Outcome, Campaign.Finding> kind in results.Findings.GroupBy(finding => finding.Outcome))
            {
                foreach (Campaign.Finding finding in kind.DistinctBy(finding => finding.Message).Take(Examples))
                {
                    text.Append(
                        CultureInfo.InvariantCulture,
                        $"\n{kind.Key}: --format {results.Format} --seed {seed} --only {finding.Number}\n  {finding.Mutation}\n  {finding.Message}\n"
                    );
                }
            }
        }
        return text.ToString();
    }
}

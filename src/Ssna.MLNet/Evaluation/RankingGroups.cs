using System.Globalization;
using System.Numerics;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Evaluation;

/// <summary>Splits rows that have been ranked into groups.</summary>
/// <param name="all">The figures of all rows over the whole catalogue.</param>
/// <param name="excludeSeen">The figures without the rows' own items, or null.</param>
internal sealed class RankingGroups(ItemRankingFigures all, ItemRankingFigures? excludeSeen)
{
    /// <summary>By whether the wanted item stands in the row's own history.</summary>
    public IReadOnlyList<ItemRankingGroup> ByTarget(IReadOnlyList<bool> repeated) =>
        Split(["new", "repeated"], [.. repeated.Select(isRepeated => isRepeated ? 1 : 0)]);

    /// <summary>By the length of the row's history, in powers of two: 0, 1, 2, 3-4, 5-8 and so on; those without rows are left out.</summary>
    public IReadOnlyList<ItemRankingGroup> ByHistoryLength(IReadOnlyList<int> lengths)
    {
        int[] groups = [.. lengths.Select(LengthGroup)];
        return
        [
            .. Split([.. Enumerable.Range(0, groups.DefaultIfEmpty().Max() + 1).Select(NameOfLengths)], groups)
                .Where(group => group.RowCount > 0),
        ];
    }

    /// <summary>By how often the wanted item was taken in the training data.</summary>
    /// <param name="targets">The wanted items.</param>
    /// <param name="groupOfItem">The group of each item of the catalogue: see <see cref="PopularityGroups"/>.</param>
    public IReadOnlyList<ItemRankingGroup> ByPopularity(IReadOnlyList<int> targets, int[] groupOfItem)
    {
        int[] items = new int[PopularityGroups.Names.Count];
        foreach (int group in groupOfItem)
        {
            items[group]++;
        }
        return Split(PopularityGroups.Names, [.. targets.Select(target => groupOfItem[target])], items);
    }

    private static int LengthGroup(int length) => length < 2 ? length : BitOperations.Log2((uint)(length - 1)) + 2;

    private static string NameOfLengths(int group) =>
        group <= 2
            ? group.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{(1L << (group - 2)) + 1}-{1L << (group - 1)}");

    private List<ItemRankingGroup> Split(IReadOnlyList<string> names, int[] groupOfRow, int[]? items = null)
    {
        List<int>[] rows = [.. names.Select(_ => new List<int>())];
        foreach ((int row, int group) in groupOfRow.Index())
        {
            rows[group].Add(row);
        }
        return
        [
            .. names.Select(
                (name, group) => new ItemRankingGroup(name, [.. rows[group]], all, excludeSeen, items?[group])
            ),
        ];
    }
}

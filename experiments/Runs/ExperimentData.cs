using DataFolders;
using Microsoft.ML;
using Tools;

namespace Experiments.Runs;

/// <summary>The sequences and items of a run: leave-one-out, with or without items that training never sees.</summary>
internal sealed class ExperimentData
{
    private readonly HashSet<string> _cold;

    /// <param name="mlContext">The context.</param>
    /// <param name="folder">The tables.</param>
    /// <param name="features">The items with their features, or null where the method takes the table's columns.</param>
    /// <param name="coldItems">Which items are kept from training, or null for none.</param>
    public ExperimentData(MLContext mlContext, DataFolder folder, IDataView? features, ColdItems? coldItems)
    {
        IDataView items = features ?? folder.Items;
        Ids = [.. mlContext.Data.CreateEnumerable<ItemRow>(folder.Items, reuseRowObject: true).Select(row => row.Item)];
        _cold = coldItems is null ? [] : Draw(Ids, coldItems);

        var sequences = mlContext.Data.GroupIntoSequences(folder.Interactions);
        var split = mlContext.Data.LeaveOneOutSplit(sequences);
        (Users, Interactions) = (sequences.Summary.Users, sequences.Summary.Interactions);
        Test = split.TestSet;
        if (_cold.Count == 0)
        {
            (WarmItems, Training) = (items, split.TrainSet);
            return;
        }
        // Not in the catalogue at all while training: a full-catalogue loss takes every item of it for a negative.
        WarmItems = Where<ItemRow>(mlContext, items, row => !IsCold(row.Item));
        AddedItems = Where<ItemRow>(mlContext, items, row => IsCold(row.Item));
        Training = mlContext.Data.LoadFromEnumerable(
            mlContext
                .Data.CreateEnumerable<UserRow>(split.TrainSet, reuseRowObject: false)
                .Select(row => new UserRow
                {
                    User = row.User,
                    Sequence = [.. row.Sequence.Where(item => !IsCold(item))],
                })
        );
        WarmTest = Where<TestRow>(mlContext, Test, row => !IsCold(row.Label));
        ColdTest = Where<TestRow>(mlContext, Test, row => IsCold(row.Label));
    }

    /// <summary>The items' ids, in the order of the table.</summary>
    public string[] Ids { get; }

    public int Users { get; }

    public long Interactions { get; }

    /// <summary>How many items are trained on.</summary>
    public int WarmCount => Ids.Length - _cold.Count;

    /// <summary>The items to train on.</summary>
    public IDataView WarmItems { get; }

    /// <summary>The items to add after training, or null.</summary>
    public IDataView? AddedItems { get; }

    /// <summary>Users to train on: no last item, and no item that is kept from training.</summary>
    public IDataView Training { get; }

    /// <summary>Every user's last item.</summary>
    public IDataView Test { get; }

    /// <summary>The users whose last item was trained on, or null where all were.</summary>
    public IDataView? WarmTest { get; }

    /// <summary>The users whose last item was not, or null.</summary>
    public IDataView? ColdTest { get; }

    /// <summary>Whether the item is kept from training.</summary>
    public bool IsCold(string item) => _cold.Contains(item);

    private static HashSet<string> Draw(string[] ids, ColdItems cold)
    {
        string[] shuffled = [.. ids];
        new Random(cold.Seed).Shuffle(shuffled);
        return [.. shuffled.Take((int)Math.Round(cold.Share * ids.Length))];
    }

    private static IDataView Where<TRow>(MLContext mlContext, IDataView rows, Func<TRow, bool> keep)
        where TRow : class, new() => mlContext.Data.FilterByCustomPredicate<TRow>(rows, row => !keep(row));

    private sealed class ItemRow
    {
        public string Item { get; set; } = "";
    }
}

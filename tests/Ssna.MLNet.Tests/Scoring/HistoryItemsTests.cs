using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Tests.Scoring;

[TestClass]
public sealed class HistoryItemsTests
{
    private const int Items = 30;
    private static readonly RepeatRates s_rates = new([.. Enumerable.Range(0, Items).Select(i => i / 10f)], 0.2f);

    [TestMethod]
    public void Recency_doubles_from_the_last_item_on()
    {
        int[] expected = [0, 1, 2, 2, 3, 3, 3, 3, 4];
        CollectionAssert.AreEqual(expected, Enumerable.Range(1, 9).Select(HistoryItem.RecencyOf).ToArray());
        CollectionAssert.AreEqual(
            new[] { 4, 5, 5, 6, 6 },
            new[] { 16, 17, 32, 33, 10_000 }.Select(HistoryItem.RecencyOf).ToArray()
        );
    }

    [TestMethod]
    public void Items_of_random_histories_are_those_of_looking_each_one_up()
    {
        ReadOnlyMemory<int>[] histories = Histories();
        var items = new HistoryItems(histories, s_rates);
        for (int user = 0; user < histories.Length; user++)
        {
            int[] history = histories[user].ToArray();
            int[] distinct = [.. history.Distinct().Order()];
            Assert.AreEqual(distinct.Length, items[user].Length);
            for (int i = 0; i < distinct.Length; i++)
            {
                HistoryItem found = items[user][i];
                Assert.AreEqual(distinct[i], found.Item);
                int steps = history.Length - Array.LastIndexOf(history, distinct[i]);
                Assert.AreEqual((int)Math.Min(6, Math.Ceiling(Math.Log2(steps))), found.Recency);
                Assert.AreEqual(Math.Log2(history.Count(item => item == distinct[i])), found.Times, 1e-6);
                Assert.AreEqual(s_rates.Items[distinct[i]], found.Again);
                int repeats = Enumerable.Range(0, history.Length).Count(at => Array.IndexOf(history, history[at]) < at);
                Assert.AreEqual(s_rates.User(repeats, history.Length - 1), found.User);
            }
        }
    }

    [TestMethod]
    public void Places_in_parts_of_a_matrix_are_those_of_the_whole()
    {
        ReadOnlyMemory<int>[] histories = Histories();
        var items = new HistoryItems(histories, s_rates);
        int[] selection = [1, 2, 3, 5, 8, 13, 21, 29];
        foreach (int[]? catalogue in new[] { null, selection })
        {
            int columns = catalogue?.Length ?? Items;
            var seen = new HashSet<(int User, int Column)>();
            foreach ((int user, int users) in new[] { (0, 4), (4, 1), (5, histories.Length - 5) })
            {
                foreach ((int first, int count) in new[] { (0, 3), (3, 1), (4, columns - 4) })
                {
                    HistoryPlaces places = items.Find(user, users, first, count, catalogue);
                    for (int i = 0; i < places.Entries.Count; i++)
                    {
                        int column = first + (int)places.Columns[i];
                        Assert.IsTrue(seen.Add((user + (int)places.Rows[i], column)), "once");
                        Assert.AreEqual(catalogue?[column] ?? column, items.All[places.Entries[i]].Item);
                    }
                }
            }
            var expected = histories.SelectMany(
                (history, user) =>
                    history
                        .ToArray()
                        .Distinct()
                        .Select(item => (user, catalogue is null ? item : Array.IndexOf(catalogue, item)))
                        .Where(place => place.Item2 >= 0)
            );
            Assert.IsTrue(seen.SetEquals(expected));
        }
    }

    private static ReadOnlyMemory<int>[] Histories()
    {
        var random = new Random(2);
        return
        [
            .. Enumerable
                .Range(1, 20)
                .Select(user =>
                    (ReadOnlyMemory<int>)Enumerable.Range(0, user * 4).Select(_ => random.Next(Items)).ToArray()
                ),
        ];
    }
}

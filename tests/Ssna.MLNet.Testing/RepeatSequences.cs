namespace Ssna.MLNet.Testing;

/// <summary>
/// What users of a generated shop take, whose items stand in a ring: half of them take each item again after two steps, once, and go
/// on: 4 5 4 5 6 7 6 7. The others never take anything twice: 4 5 6 7.
/// </summary>
public static class RepeatSequences
{
    /// <summary>One of the former: so many items from one on.</summary>
    public static int[] Repeater(int from, int length, int items) =>
        [.. Enumerable.Range(0, length).Select(i => (from + (i / 4 * 2) + (i % 2)) % items)];

    /// <summary>One of the latter.</summary>
    public static int[] Walker(int from, int length, int items) =>
        [.. Enumerable.Range(from, length).Select(i => i % items)];

    /// <summary>Users of both kinds in turn, with five to thirteen items: the same in every run.</summary>
    public static IEnumerable<int[]> Users(int users, int items)
    {
        var random = new Random(7);
        for (int user = 0; user < users; user++)
        {
            (int from, int length) = (random.Next(items), random.Next(5, 14));
            yield return user % 2 == 0 ? Repeater(from, length, items) : Walker(from, length, items);
        }
    }
}

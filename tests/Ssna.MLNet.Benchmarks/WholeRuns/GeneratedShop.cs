namespace Ssna.MLNet.Benchmarks.WholeRuns;

/// <summary>
/// A shop of any size, made row by row: items belong to groups, whose members have like features; a user stays with a group
/// for a while. Within a group, items are taken by a power law. The same call gives the same rows.
/// </summary>
internal static class GeneratedShop
{
    private const int GroupSize = 50;
    private const int Directions = 1024;

    public static IEnumerable<ItemRow> Items(int count, int layers, int width)
    {
        int values = layers * width;
        float[][] directions = [.. Enumerable.Range(0, Directions).Select(seed => Direction(seed, values))];
        var row = new ItemRow { Layers = new float[values] };
        for (int item = 0; item < count; item++)
        {
            int group = item / GroupSize;
            float[] first = directions[group % Directions];
            float[] second = directions[(group / Directions * 7 + group * 31) % Directions];
            float[] own = directions[(item * 613) % Directions];
            for (int i = 0; i < values; i++)
            {
                row.Layers[i] = first[i] + second[(i + group) % values] + (0.5f * own[i]);
            }
            row.Item = item;
            yield return row;
        }
    }

    public static IEnumerable<UserRow> Users(int count, int items, int interactions)
    {
        var row = new UserRow { Sequence = new int[interactions] };
        for (int user = 0; user < count; user++)
        {
            var random = new Random(user);
            int groups = Math.Max(1, items / GroupSize);
            int group = random.Next(groups);
            for (int i = 0; i < interactions; i++)
            {
                if (random.NextDouble() < 0.1)
                {
                    group = random.Next(groups);
                }
                double u = random.NextDouble();
                row.Sequence[i] = (group * GroupSize) + (int)(Math.Min(GroupSize, items) * u * u);
            }
            yield return row;
        }
    }

    private static float[] Direction(int seed, int values)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, values).Select(_ => (random.NextSingle() * 2) - 1)];
    }
}

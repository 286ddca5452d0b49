using Microsoft.ML;

namespace Ssna.MLNet.Tests;

/// <summary>
/// The ring shop, but half of its users take each item again after two steps, once, and go on: 4 5 4 5 6 7 6 7. The others never
/// take anything twice: 4 5 6 7.
/// </summary>
internal static class RepeatShop
{
    public static int[] Repeater(int from, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (from + (i / 4 * 2) + (i % 2)) % RingShop.ItemCount)];

    public static int[] Walker(int from, int length) => [.. RingShop.Walk(from, length)];

    public static IDataView Users<T>(MLContext context, int users = 400)
    {
        var random = new Random(7);
        return RingShop.Users<T>(
            context,
            [
                .. Enumerable
                    .Range(0, users)
                    .Select(user =>
                    {
                        (int from, int length) = (random.Next(RingShop.ItemCount), random.Next(5, 14));
                        return user % 2 == 0 ? Repeater(from, length) : Walker(from, length);
                    }),
            ]
        );
    }
}

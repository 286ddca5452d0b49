using Microsoft.ML;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests;

/// <summary>The ring shop with the users of <see cref="RepeatSequences"/>.</summary>
internal static class RepeatShop
{
    public static int[] Repeater(int from, int length) => RepeatSequences.Repeater(from, length, RingShop.ItemCount);

    public static int[] Walker(int from, int length) => RepeatSequences.Walker(from, length, RingShop.ItemCount);

    public static IDataView Users<T>(MLContext context, int users = 400) =>
        RingShop.Users<T>(context, [.. RepeatSequences.Users(users, RingShop.ItemCount)]);
}

using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Vectors.Tests;

/// <summary>One trained model of the ring shop, for all tests.</summary>
[TestClass]
public sealed class ShopModel
{
    private static readonly MLContext s_context = new(1);
    private static readonly Lazy<SsnaTransformer> s_model = new(() => RingShop.Fit<string>(s_context));

    public static MLContext Context => s_context;

    public static SsnaTransformer Value => s_model.Value;

    /// <summary>Three users, of the last of whom nothing is known.</summary>
    public static IDataView Users { get; } =
        s_context.Data.LoadFromEnumerable([
            new { User = "ann", Sequence = new[] { "item03", "item04" } },
            new { User = "bob", Sequence = new[] { "item17" } },
            new { User = "eve", Sequence = new[] { "no such item" } },
        ]);

    [AssemblyCleanup]
    public static void Free()
    {
        if (s_model.IsValueCreated)
        {
            s_model.Value.Dispose();
        }
    }
}

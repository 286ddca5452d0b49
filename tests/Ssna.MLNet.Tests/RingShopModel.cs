using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;

namespace Ssna.MLNet.Tests;

/// <summary>One trained model of the ring shop, for all tests that only ask it.</summary>
[TestClass]
public sealed class RingShopModel
{
    private static readonly MLContext s_context = new(1);
    private static readonly Lazy<SsnaTransformer> s_model = new(() => RingShop.Fit<string>(s_context));

    public static MLContext Context => s_context;

    public static SsnaTransformer Value => s_model.Value;

    [AssemblyCleanup]
    public static void Free()
    {
        if (s_model.IsValueCreated)
        {
            s_model.Value.Dispose();
        }
    }
}

using Ssna.MLNet.Encoders;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

/// <summary>What MPNet's table of distances does; its numbers are pinned in <see cref="EncoderReferenceTests"/>.</summary>
[TestClass]
public sealed class MPNetTests
{
    [ClassInitialize]
    public static void LoadTorch(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Distances_fall_into_the_published_buckets()
    {
        for (int distance = -600; distance <= 600; distance++)
        {
            Assert.AreEqual(Published(distance), EncoderFamily.MPNetBucket(distance), $"distance {distance}");
        }
        Assert.AreEqual(15, EncoderFamily.MPNetBucket(-int.MaxValue));

        // Raffel et al. 2020, in float as the models were trained.
        static int Published(int distance)
        {
            float far = Math.Abs(distance);
            float log = MathF.Log(far / 8) / MathF.Log(128 / 8f) * 8;
            int bucket = far < 8 ? (int)far : Math.Min(15, 8 + (int)log);
            return bucket + (distance > 0 ? 16 : 0);
        }
    }

    [TestMethod]
    public void All_layers_read_one_table_by_the_distance_from_query_to_key()
    {
        using DisposeScope scope = NewDisposeScope();
        EncoderConfiguration configuration = TinyEncoder.Configuration(nameof(EncoderFamily.MPNet));
        IReadOnlyList<EncoderParameter> layout = EncoderLayout.Of(configuration);
        EncoderParameter declared = layout.Single(parameter => parameter.Name == "distances");
        CollectionAssert.AreEqual(new long[] { 32, configuration.HeadCount }, declared.Shape.ToArray());

        Tensor rows = arange(32L * configuration.HeadCount).to(ScalarType.Float32).view(32, -1); // (32, H)
        using var parameter = new TorchSharp.Modules.Parameter(rows);
        using Tensor table = parameter.detach(); // (32, H)
        const int length = 40;
        Tensor bias = configuration.Family.AttentionBias(configuration, () => parameter)!.Forward(length); // (1, H, T, T)
        CollectionAssert.AreEqual(new long[] { 1, configuration.HeadCount, length, length }, bias.shape);
        for (int query = 0; query < length; query += 3)
        {
            for (int key = 0; key < length; key++)
            {
                Tensor expected = table[EncoderFamily.MPNetBucket(key - query)]; // (H)
                Tensor found = bias[0, TensorIndex.Colon, query, key]; // (H)
                Assert.IsTrue(expected.equal(found).all().item<bool>(), $"from {query} to {key}");
            }
        }
    }

    [TestMethod]
    public void A_key_before_the_query_counts_otherwise_than_one_behind_it()
    {
        using DisposeScope scope = NewDisposeScope();
        using TextEncoder encoder = TextEncoder.Create(TinyEncoder.Configuration(nameof(EncoderFamily.MPNet)), seed: 1);
        encoder.SetTrainable(false);
        (Tensor ids, Tensor lengths) = encoder.Pad([
            [5, 6, 7, 8],
        ]); // (B, T), (B)
        Tensor before = encoder.HiddenStates(ids, lengths)[-1].clone(); // (B, T, D)
        // Distance 3: the first token looks at the last one, and no other token at any that far behind it.
        Parameter("distances").select(0, 16 + 3).add_(5f);
        Tensor after = encoder.HiddenStates(ids, lengths)[1]; // (B, T, D)
        Parameter("distances").select(0, 16 + 3).add_(-5f);
        Tensor untouched = encoder.HiddenStates(ids, lengths)[1]; // (B, T, D)
        Tensor change = (after - untouched).abs().amax([0, 2]); // (T)
        Assert.IsGreaterThan(1e-5f, change[0].item<float>());
        Assert.AreEqual(0f, change.narrow(0, 1, 3).max().item<float>(), 1e-6f);
        Assert.IsLessThan(1e-5f, (encoder.HiddenStates(ids, lengths)[-1] - before).abs().max().item<float>());

        Tensor Parameter(string name) => encoder.Parameters.Single(parameter => parameter.Name == name).Value;
    }
}

using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

[TestClass]
public sealed class FeatureScalerTests
{
    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void Whitened_layers_have_no_mean_and_the_unit_matrix_as_covariance()
    {
        using var scope = NewDisposeScope();
        Tensor features = Skewed();
        using FeatureScaler scaler = Fitted(FeatureScaling.Whiten, features);
        Tensor scaled = scaler.Apply(features);
        CollectionAssert.AreEqual(features.shape, scaled.shape);
        for (int m = 0; m < 2; m++)
        {
            Tensor layer = scaled.select(1, m); // (V, D)
            Assert.IsLessThan(1e-3f, layer.mean([0]).abs().max().item<float>());
            Tensor covariance = layer.t().mm(layer) / (float)layer.shape[0]; // (D, D)
            Assert.IsLessThan(1e-2f, (covariance - eye(6)).abs().max().item<float>());
        }
    }

    [TestMethod]
    public void Whitening_turns_as_little_as_it_can()
    {
        // ZCA's matrix is symmetric: that is what tells it from every other whitening.
        using var scope = NewDisposeScope();
        using FeatureScaler scaler = Fitted(FeatureScaling.Whiten, Skewed());
        Tensor matrix = scaler.Tensors.Single(t => t.Name == "scaler.matrix").Value; // (a, D, D)
        Assert.IsLessThan(1e-4f, (matrix - matrix.transpose(1, 2)).abs().max().item<float>());
    }

    [TestMethod]
    public void Standardised_dimensions_have_mean_0_and_deviation_1()
    {
        using var scope = NewDisposeScope();
        Tensor features = Skewed();
        using FeatureScaler scaler = Fitted(FeatureScaling.Standardize, features);
        Tensor scaled = scaler.Apply(features);
        Assert.IsLessThan(1e-3f, scaled.mean([0]).abs().max().item<float>());
        Assert.IsLessThan(1e-3f, (scaled.pow(2).mean([0]) - 1).abs().max().item<float>());
    }

    [TestMethod]
    public void A_dimension_without_variance_stays_finite()
    {
        using var scope = NewDisposeScope();
        Tensor features = Skewed();
        features.select(2, 0).fill_(3);
        foreach (FeatureScaling kind in Enum.GetValues<FeatureScaling>())
        {
            using FeatureScaler scaler = Fitted(kind, features);
            Assert.IsTrue(scaler.Apply(features).isfinite().all().item<bool>(), $"{kind}");
        }
    }

    [TestMethod]
    public void New_items_are_scaled_by_what_the_catalogue_was_fitted_to()
    {
        using var scope = NewDisposeScope();
        Tensor features = Skewed();
        using FeatureScaler scaler = Fitted(FeatureScaling.Whiten, features);
        Tensor alone = scaler.Apply(features.narrow(0, 5, 1));
        Tensor among = scaler.Apply(features).narrow(0, 5, 1);
        Assert.IsLessThan(1e-4f, (alone - among).abs().max().item<float>());
    }

    [TestMethod]
    [DataRow(FeatureScaling.Standardize)]
    [DataRow(FeatureScaling.Whiten)]
    public void Ranks_fit_to_the_whole_catalogue_of_which_each_has_a_part(FeatureScaling kind)
    {
        using var scope = NewDisposeScope();
        float[] one = Numbers(kind, Ranks.One);
        float largest = one.Max(Math.Abs);
        foreach (int size in (int[])[2, 3, 4])
        {
            float[][] found = ThreadCollective.Run(size, collective => Numbers(kind, new Ranks(collective)));
            foreach (float[] ofRank in found)
            {
                CollectionAssert.AreEqual(found[0], ofRank, "all ranks have the same bits");
                for (int i = 0; i < one.Length; i++)
                {
                    Assert.AreEqual(one[i], ofRank[i], 1e-5f * largest, $"{size} ranks");
                }
            }
        }

        static float[] Numbers(FeatureScaling kind, Ranks ranks)
        {
            using var scope = NewDisposeScope();
            using FeatureScaler scaler = Fitted(kind, Skewed(), ranks);
            return [.. scaler.Tensors.SelectMany(tensor => tensor.Value.data<float>().ToArray())];
        }
    }

    private static FeatureScaler Fitted(FeatureScaling kind, Tensor features, Ranks? ranks = null)
    {
        var scaler = new FeatureScaler(kind, (int)features.shape[1], (int)features.shape[2], CPU);
        scaler.Fit(Held.Of(features, ranks));
        return scaler;
    }

    private static Tensor Skewed()
    {
        using var generator = new Generator(3, CPU);
        Tensor turn = randn(2, 6, 6, generator: generator); // (a, D, D)
        Tensor raw = randn(2, 500, 6, generator: generator).matmul(turn) + randn(2, 1, 6, generator: generator) * 5;
        return raw.permute(1, 0, 2).contiguous(); // (V, a, D)
    }
}

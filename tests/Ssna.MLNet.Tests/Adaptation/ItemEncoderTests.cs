using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Model;
using Ssna.MLNet.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Adaptation;

[TestClass]
public sealed class ItemEncoderTests
{
    private const int Width = 5;
    private const int Dimension = 4;

    [ClassInitialize]
    public static void Load(TestContext _) => TorchRuntime.EnsureLoaded();

    [TestMethod]
    public void One_layer_without_integration_is_its_adapter_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        using var reference = new SsnaReference();
        var ssna = (SsnaEncoderShape)reference.Model.Shape.Items;
        var parameters = new ParameterBuffer();
        using ItemEncoder mixture = new SsnaEncoderShape(
            1,
            ssna.FeatureWidth,
            FeatureScaling.None,
            ssna.AdapterHeads,
            LayerIntegration.None
        ).Restore(parameters, reference.Model.Shape.Dimension, CPU);
        parameters.Allocate(CPU);
        foreach (Parameter parameter in parameters.All)
        {
            using var _ = no_grad();
            parameter.Value.copy_(reference.Weights("param", parameter.Name));
        }
        Tensor features = mixture.Prepare(reference["features"]);
        Assert.AreEqual(1, features.shape[1], "one layer is read");
        Tensor found = mixture.Embed(features, ForwardPass.Exact); // (V, d)
        SsnaReference.AssertClose(reference["adapter0.output"], found, "output");
        parameters.Dispose();
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void The_top_mlp_is_linear_layers_with_a_gelu_between(int layers)
    {
        using var scope = NewDisposeScope();
        using var parameters = new ParameterBuffer();
        using ItemEncoder mlp = new TopMlpEncoderShape(Width, FeatureScaling.None, layers).Restore(
            parameters,
            Dimension,
            CPU
        );
        parameters.Allocate(CPU);
        CollectionAssert.AreEqual(
            Enumerable.Range(0, layers).SelectMany(i => new[] { $"mlp.{i}.weight", $"mlp.{i}.bias" }).ToArray(),
            parameters.All.Select(parameter => parameter.Name).ToArray()
        );
        using var generator = new Generator(3, CPU);
        using (no_grad())
        {
            parameters.Values.normal_(0, 1, generator);
        }
        Tensor features = randn(6, 2, Width, generator: generator); // (V, 2, D)
        float[,] expected = Rows(features.select(1, 0));
        for (int i = 0; i < layers; i++)
        {
            float[,] weight = Rows(parameters.All[2 * i].Value);
            float[] bias = parameters.All[(2 * i) + 1].Value.data<float>().ToArray();
            expected = Linear(i == 0 ? expected : Gelu(expected), weight, bias);
        }
        float[,] found = Rows(mlp.Embed(mlp.Prepare(features), ForwardPass.Exact));
        for (int row = 0; row < 6; row++)
        {
            for (int column = 0; column < Dimension; column++)
            {
                Assert.AreEqual(expected[row, column], found[row, column], 1e-4f);
            }
        }
    }

    [TestMethod]
    public void The_item_table_gives_each_item_its_row()
    {
        using var scope = NewDisposeScope();
        using var parameters = new ParameterBuffer();
        using ItemEncoder table = new ItemTableShape(7).Restore(parameters, Dimension, CPU);
        parameters.Allocate(CPU);
        using (no_grad())
        {
            parameters.All.Single().Value.copy_(arange(7 * Dimension).view(7, Dimension));
        }
        Tensor found = table.Embed(table.Prepare(tensor(new long[] { 5, 0, 5 })), ForwardPass.Exact);
        CollectionAssert.AreEqual(new[] { 20f, 0, 20 }, found.select(1, 0).contiguous().data<float>().ToArray());
    }

    [TestMethod]
    public void Many_items_are_embedded_as_one_by_one()
    {
        using var scope = NewDisposeScope();
        using var parameters = new ParameterBuffer();
        using ItemEncoder mlp = new TopMlpEncoderShape(Width, FeatureScaling.None, 2).Restore(
            parameters,
            Dimension,
            CPU
        );
        parameters.Allocate(CPU);
        using var generator = new Generator(3, CPU);
        parameters.Initialize(generator);
        Tensor features = mlp.Prepare(randn(5000, 1, Width, generator: generator)); // (V, 1, D)
        Tensor together = mlp.Embed(features, ForwardPass.Exact); // (V, d)
        Assert.AreEqual(5000, together.shape[0]);
        foreach (long item in new long[] { 0, 2047, 2048, 4999 })
        {
            Tensor alone = mlp.Embed(features.narrow(0, item, 1), ForwardPass.Exact); // (1, d)
            Assert.IsLessThan(1e-6f, (alone - together[item]).abs().max().item<float>());
        }
    }

    private static float[,] Rows(Tensor matrix)
    {
        var rows = new float[matrix.shape[0], matrix.shape[1]];
        for (int i = 0; i < matrix.shape[0]; i++)
        {
            for (int j = 0; j < matrix.shape[1]; j++)
            {
                rows[i, j] = matrix[i, j].item<float>();
            }
        }
        return rows;
    }

    private static float[,] Linear(float[,] x, float[,] weight, float[] bias)
    {
        var y = new float[x.GetLength(0), bias.Length];
        for (int row = 0; row < y.GetLength(0); row++)
        {
            for (int column = 0; column < bias.Length; column++)
            {
                double sum = bias[column];
                for (int i = 0; i < x.GetLength(1); i++)
                {
                    sum += (double)x[row, i] * weight[column, i];
                }
                y[row, column] = (float)sum;
            }
        }
        return y;
    }

    // x Phi(x), with the normal distribution's Phi by its series around 0.
    private static float[,] Gelu(float[,] x)
    {
        var y = new float[x.GetLength(0), x.GetLength(1)];
        for (int row = 0; row < y.GetLength(0); row++)
        {
            for (int column = 0; column < y.GetLength(1); column++)
            {
                double value = x[row, column];
                double term = value;
                double sum = value;
                for (int n = 1; n < 200; n++)
                {
                    term *= value * value / ((2 * n) + 1);
                    sum += term;
                }
                double phi = 0.5 + (sum * Math.Exp(-value * value / 2) / Math.Sqrt(2 * Math.PI));
                y[row, column] = (float)(value * phi);
            }
        }
        return y;
    }
}

using Microsoft.ML.Trainers.Recommender;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Ssna.MLNet.Tests.Scoring;

[TestClass]
public sealed class ItemVectorsTests
{
    // No multiples of any vector's length; more items than a tile of reduced precision.
    private const int Items = ItemVectors.Tile + 77;
    private const int Width = 41;

    private static Tensor s_embeddings = null!;
    private static Tensor s_directions = null!;

    [ClassInitialize]
    public static void Prepare(TestContext _)
    {
        TorchRuntime.EnsureLoaded();
        using var generator = new Generator(1, CPU);
        s_embeddings = randn(Items, Width, generator: generator) * 3;
        s_embeddings[5].zero_();
        s_directions = nn.functional.normalize(s_embeddings, 2, 1);
    }

    [ClassCleanup]
    public static void Free()
    {
        s_embeddings.Dispose();
        s_directions.Dispose();
    }

    [TestMethod]
    [DataRow(ItemPrecision.Float32, 1e-6)]
    [DataRow(ItemPrecision.Float16, 5e-4)] // half a unit in the 11th bit of a number below 1
    [DataRow(ItemPrecision.Int8, 4e-3)] // half of a 127th
    public void Embeddings_come_back_as_exactly_as_the_precision_says(ItemPrecision precision, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var vectors = ItemVectors.Of(s_embeddings, precision);
        Assert.AreEqual(precision, vectors.Precision);
        Assert.IsLessThan(tolerance, Difference(vectors.Directions(0, Items), s_directions));
        Tensor rows = tensor(new long[] { 7, 5, Items - 1 });
        Tensor expected = s_embeddings.index_select(0, rows);
        double length = s_embeddings.norm(1, keepdim: false, p: 2).max().item<float>();
        Assert.IsLessThan(tolerance * length, Difference(vectors.Embeddings(rows), expected));
    }

    [TestMethod]
    [DataRow(ItemPrecision.Float32, 1)]
    [DataRow(ItemPrecision.Float16, 3)]
    [DataRow(ItemPrecision.Int8, 1)]
    [DataRow(ItemPrecision.Int8, 7)]
    [DataRow(ItemPrecision.Int8, 64)]
    public void Cosines_are_products_with_the_kept_directions(ItemPrecision precision, int users)
    {
        using var scope = NewDisposeScope();
        using var vectors = ItemVectors.Of(s_embeddings, precision);
        using var generator = new Generator(2, CPU);
        Tensor queries = nn.functional.normalize(randn(users, Width, generator: generator), 2, 1); // (B, d)
        queries[0].mul_(precision == ItemPrecision.Int8 && users > 1 ? 0 : 1); // a user of zeros has no scale
        Tensor expected = queries.mm(vectors.Directions(0, Items).t()); // (B, I)
        // Users are rounded to 16 bits for int8, which costs far less than the rounding of items.
        Assert.IsLessThan(5e-5, Difference(vectors.Cosines(queries, 0, Items), expected));
        Assert.IsLessThan(5e-5, Difference(vectors.Cosines(queries, 100, 1500), expected.narrow(1, 100, 1500)));
    }

    [TestMethod]
    public void Int8_sums_of_the_largest_numbers_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        Tensor same = ones(9, 1024);
        using var vectors = ItemVectors.Of(same, ItemPrecision.Int8);
        Tensor users = nn.functional.normalize(ones(5, 1024), 2, 1);
        Assert.IsLessThan(1e-4, Difference(vectors.Cosines(users, 0, 9), ones(5, 9)));
    }

    [TestMethod]
    [DataRow(ItemPrecision.Float32)]
    [DataRow(ItemPrecision.Float16)]
    [DataRow(ItemPrecision.Int8)]
    public void Items_added_and_chosen_are_as_if_all_had_been_rounded_together(ItemPrecision precision)
    {
        using var scope = NewDisposeScope();
        using var vectors = ItemVectors.Of(s_embeddings, precision);
        using var few = ItemVectors.Of(s_embeddings.narrow(0, 0, 20), precision);
        using ItemVectors more = few.With(s_embeddings.index_select(0, tensor(new long[] { 40, 41 })), [3, 20], 21);
        int[] same = [.. Enumerable.Range(0, 20), 41];
        same[3] = 40;
        using ItemVectors chosen = vectors.Select(same);
        Assert.AreEqual(0, Difference(more.Directions(0, 21), chosen.Directions(0, 21)));
        Tensor all = arange(21);
        Assert.AreEqual(0, Difference(more.Embeddings(all), chosen.Embeddings(all)));
    }

    private static double Difference(Tensor a, Tensor b) => (a - b).abs().max().item<float>();
}

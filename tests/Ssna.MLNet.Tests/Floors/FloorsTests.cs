using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Tests.Floors;

/// <summary>Dependence goes one way: a file uses its own floor and those below (docs/architecture.md).</summary>
[TestClass]
public sealed class FloorsTests
{
    // From the bottom. The folder "" is the project's own: trainer and transformer.
    private static readonly string[][] s_floors =
    [
        ["Ids"],
        ["Items", "Sequences"],
        ["Model"],
        ["Adaptation", "Losses", "SequenceModels"],
        ["Training", "Scoring", "Evaluation"],
        ["Columns"],
        ["Saved"],
        [""],
        ["Selection", "Serving"],
        ["Catalogs"],
    ];

    private static readonly SourceDependencies s_source = SourceDependencies.Of(typeof(SsnaTrainer).Assembly);

    [TestMethod]
    public void A_file_uses_its_own_floor_and_those_below()
    {
        string[] wrong =
        [
            .. s_source
                .Uses.Where(use => Floor(use.To) > Floor(use.From))
                .Select(use => $"{use.From} -> {use.To}")
                .Order(StringComparer.Ordinal),
        ];
        Assert.IsGreaterThan(500, s_source.Uses.Count, "so few uses would mean that the reader is at fault");
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    [TestMethod]
    public void Folders_of_one_floor_seldom_use_each_other_both_ways()
    {
        (string, string)[] edges =
        [
            .. s_source.Uses.Select(use => (Folder(use.From), Folder(use.To))).Where(edge => edge.Item1 != edge.Item2),
        ];
        string[] both =
        [
            .. edges
                .Where(edge => string.CompareOrdinal(edge.Item1, edge.Item2) < 0)
                .Intersect(edges.Select(edge => (edge.Item2, edge.Item1)))
                .Select(edge => $"{edge.Item1} <-> {edge.Item2}"),
        ];
        Assert.IsLessThanOrEqualTo(2, both.Length, string.Join(", ", both));
    }

    [TestMethod]
    public void Below_the_trainer_only_columns_and_readers_of_ids_use_what_MLNet_keeps_internal()
    {
        string[] wrong =
        [
            .. s_source
                .UsesOfInternals.Where(use => Floor(use.From) < Floor("SsnaTrainer.cs"))
                .Where(use => Folder(use.From) is not ("Columns" or "Ids"))
                .Select(use => $"{use.From}: {use.To}")
                .Order(StringComparer.Ordinal),
        ];
        Assert.IsGreaterThan(20, s_source.UsesOfInternals.Count, "so few uses would mean that the reader is at fault");
        Assert.IsEmpty(wrong, string.Join(Environment.NewLine, wrong));
    }

    private static string Folder(string file) => file.Contains('/', StringComparison.Ordinal) ? file.Split('/')[0] : "";

    private static int Floor(string file)
    {
        int floor = Array.FindIndex(s_floors, folders => folders.Contains(Folder(file)));
        Assert.IsGreaterThanOrEqualTo(0, floor, $"{file}: its folder has no floor.");
        return floor;
    }
}

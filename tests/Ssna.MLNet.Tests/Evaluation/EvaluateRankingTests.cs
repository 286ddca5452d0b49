using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using static Ssna.MLNet.Tests.Evaluation.ScoredView;

namespace Ssna.MLNet.Tests.Evaluation;

[TestClass]
public class EvaluateRankingTests
{
    private static readonly MLContext Context = new(1);
    private static readonly string[] Names = ["10", "20", "30"];

    [TestMethod]
    public void Agrees_with_the_reference_implementation_through_a_data_view()
    {
        RankingReference reference = RankingReference.Read();
        string[] names = [.. Enumerable.Range(0, reference.Scores[0].Length).Select(item => $"item {item}")];
        IDataView scored = Scored(
            names,
            reference.Scores.Select(
                (scores, i) =>
                    new Row<string>
                    {
                        Score = scores,
                        Label = names[reference.Relevant[i]],
                        Sequence = [.. reference.Seen[i].Select(item => names[item])],
                    }
            )
        );
        reference.AssertEqual(Context.Recommendation().EvaluateRanking(scored, cutoffs: reference.Cutoffs));
    }

    [TestMethod]
    public void Ids_of_any_type_meet_their_slots_by_text()
    {
        AssertRanks(Scored<int>([3, 2, 1], 20, [10]));
        AssertRanks(Scored<ulong>([3, 2, 1], 20, [10]));
        AssertRanks(Scored<sbyte>([3, 2, 1], 20, [10]));
        AssertRanks(Scored([3, 2, 1], "20", ["10", "unknown"]));
        AssertRanks(Keyed(Scored([3, 2, 1], "20", ["10", "unknown"])));
        AssertRanks(Keyed(Scored<long>([3, 2, 1], 20, [10, 77])));

        static void AssertRanks(IDataView scored)
        {
            ItemRankingMetrics metrics = Context.Recommendation().EvaluateRanking(scored);
            Assert.AreEqual(2, metrics.All.Ranks.Single());
            Assert.AreEqual(1, metrics.ExcludeSeen!.Ranks.Single());
            Assert.AreEqual(3, metrics.CatalogueSize);
        }
    }

    [TestMethod]
    public void Metrics_print_as_a_table_with_the_rows_left_out()
    {
        ItemRankingMetrics metrics = Context
            .Recommendation()
            .EvaluateRanking(
                Scored(
                    Names,
                    [
                        new Row<string>
                        {
                            Score = [3, 2, 1],
                            Label = "20",
                            Sequence = ["10"],
                        },
                        new Row<string>
                        {
                            Score = [3, 2, 1],
                            Label = "no slot",
                            Sequence = ["10"],
                        },
                    ]
                ),
                cutoffs: [1, 10]
            );
        string[] expected =
        [
            "1 rows ranked among 3 items.",
            "1 rows left out: their label is no item of the catalogue.",
            "                          Recall            NDCG             MRR        Coverage",
            "all, best 1          0.0000 ±NaN     0.0000 ±NaN     0.0000 ±NaN     0.3333 ±NaN",
            "all, best 10         1.0000 ±NaN     0.6309 ±NaN     0.5000 ±NaN     1.0000 ±NaN",
            "unseen, best 1       1.0000 ±NaN     1.0000 ±NaN     1.0000 ±NaN     0.3333 ±NaN",
            "unseen, best 10      1.0000 ±NaN     1.0000 ±NaN     1.0000 ±NaN     0.6667 ±NaN",
            "",
            "wanted item, best 1         rows          Recall            NDCG   unseen Recall     unseen NDCG",
            "new                            1     0.0000 ±NaN     0.0000 ±NaN     1.0000 ±NaN     1.0000 ±NaN",
            "repeated                       0        NaN ±NaN        NaN ±NaN        NaN ±NaN        NaN ±NaN",
            "",
            "history length, best 1      rows          Recall            NDCG   unseen Recall     unseen NDCG",
            "1                              1     0.0000 ±NaN     0.0000 ±NaN     1.0000 ±NaN     1.0000 ±NaN",
        ];
        CollectionAssert.AreEqual(expected, metrics.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    [TestMethod]
    public void Without_a_sequence_column_nothing_is_left_out()
    {
        ItemRankingMetrics metrics = Context
            .Recommendation()
            .EvaluateRanking(Scored([3, 2, 1], "20", ["10"]), sequenceColumnName: null, cutoffs: [1, 2]);
        Assert.IsNull(metrics.ExcludeSeen);
        Assert.AreEqual(0, metrics.All.Recall(1));
        Assert.AreEqual(1, metrics.All.Recall(2));
        Assert.AreEqual(2.0 / 3, metrics.All.CatalogueCoverage(2), 1e-15);
    }

    [TestMethod]
    public void Rows_left_out_are_counted_by_reason()
    {
        IDataView scored = Scored(
            Names,
            [
                Row("20", [3, 2, 1]),
                Row("", [3, 2, 1]),
                Row("40", [3, 2, 1]),
                Row("41", [3, 2, 1]),
                Row("10", [3, float.NaN, 1]),
            ]
        );
        ItemRankingMetrics metrics = Context.Recommendation().EvaluateRanking(scored);
        Assert.AreEqual(1, metrics.RowCount);
        Assert.AreEqual(1, metrics.MissingLabelRows);
        Assert.AreEqual(2, metrics.UnknownLabelRows);
        Assert.AreEqual(1, metrics.InvalidScoreRows);

        static Row<string> Row(string label, float[] scores) => new() { Label = label, Score = scores };
    }

    [TestMethod]
    public void Nothing_to_evaluate_is_an_error_that_says_why()
    {
        var unknown = Assert.ThrowsExactly<InvalidOperationException>(() =>
            Context.Recommendation().EvaluateRanking(Scored([3, 2, 1], "nowhere", []))
        );
        StringAssert.Contains(unknown.Message, "'Label'");
        StringAssert.Contains(unknown.Message, "1 with a label that is no slot name");
        Assert.ThrowsExactly<InvalidOperationException>(() =>
            Context.Recommendation().EvaluateRanking(Scored<string>(Names, []))
        );
    }

    [TestMethod]
    [DataRow("Nope", "Score", "Sequence", "Nope", null)]
    [DataRow("Label", "Nope", "Sequence", "Nope", null)]
    [DataRow("Label", "Score", "Nope", "Nope", null)]
    [DataRow("Score", "Score", "Sequence", "Score", "Vector<Single, 3>")]
    [DataRow("Label", "Label", "Sequence", "Label", "String")]
    [DataRow("Label", "Score", "Label", "Label", "String")]
    public void A_wrong_column_is_named_with_what_was_found(
        string label,
        string score,
        string sequence,
        string named,
        string? found
    )
    {
        IDataView scored = Scored([3, 2, 1], "20", []);
        var error = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() =>
            Context.Recommendation().EvaluateRanking(scored, label, score, sequence)
        );
        StringAssert.Contains(error.Message, $"'{named}'");
        StringAssert.Contains(error.Message, found ?? "");
    }

    [TestMethod]
    public void Scores_need_distinct_slot_names()
    {
        AssertRefused(Scored(null, [new Row<string> { Score = [1, 2, 3] }]), "without slot names");
        AssertRefused(Scored(["a", "b", "a"], [new Row<string> { Score = [1, 2, 3] }]), "'a'");
        AssertRefused(Scored(["a", "", "b"], [new Row<string> { Score = [1, 2, 3] }]), "slot 1");

        static void AssertRefused(IDataView scored, string named) =>
            StringAssert.Contains(
                Assert
                    .ThrowsExactly<ArgumentOutOfRangeException>(() => Context.Recommendation().EvaluateRanking(scored))
                    .Message,
                named
            );
    }

    [TestMethod]
    public void It_can_be_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsExactly<OperationCanceledException>(() =>
            Context.Recommendation().EvaluateRanking(Scored([3, 2, 1], "20", []), cancellationToken: cancellation.Token)
        );
    }

    private static IDataView Scored<T>(float[] scores, T label, T[] sequence) =>
        Scored(
            Names,
            [
                new Row<T>
                {
                    Score = scores,
                    Label = label,
                    Sequence = sequence,
                },
            ]
        );

    private static IDataView Scored<T>(string[]? names, IEnumerable<Row<T>> rows) =>
        ScoredView.Create(Context, names, rows);

    private static IDataView Keyed(IDataView view) =>
        Context
            .Transforms.Conversion.MapValueToKey("Label")
            .Append(Context.Transforms.Conversion.MapValueToKey("Sequence"))
            .Fit(view)
            .Transform(view);
}

using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Losses;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class BatchPlannerTests
{
    private const int Items = 40;

    [TestMethod]
    public void An_epoch_has_every_prefix_once_with_its_most_recent_items()
    {
        SequenceSet sequences = Sequences();
        BatchPlanner planner = Planner(sequences);
        List<TrainingBatch> batches =
        [
            .. planner.Deal(new Random(1)).Select(windows => planner.Build(windows, new Random(0))),
        ];
        var expected = new List<string>();
        for (int i = 0; i < sequences.Count; i++)
        {
            int[] window = sequences[i][Math.Max(0, sequences[i].Length - 6)..].ToArray();
            expected.AddRange(
                Enumerable
                    .Range(1, Math.Max(0, window.Length - 1))
                    .Select(t => $"{string.Join(' ', window[..t])}: {window[t]}")
            );
        }
        CollectionAssert.AreEquivalent(expected, batches.SelectMany(Cases).ToList());
        Assert.AreEqual(expected.Count, planner.CaseCount);
    }

    [TestMethod]
    public void Distinct_items_of_a_batch_are_listed_once_and_rows_point_at_them()
    {
        BatchPlanner whole = Planner(Sequences());
        BatchPlanner distinct = Planner(Sequences(), wholeCatalogue: false);
        foreach (int[] windows in whole.Deal(new Random(1)))
        {
            TrainingBatch all = whole.Build(windows, new Random(0));
            TrainingBatch some = distinct.Build(windows, new Random(0));
            Assert.IsNull(all.Items);
            CollectionAssert.AllItemsAreUnique(some.Items);
            CollectionAssert.AreEqual(all.Cases.Targets, some.Cases.Targets.Select(row => some.Items![row]).ToArray());
            CollectionAssert.AreEqual(
                all.Slots.Select(slot => all.Inputs[slot]).ToArray(),
                some.Slots.Select(slot => some.Items![some.Inputs[slot]]).ToArray()
            );
        }
    }

    [TestMethod]
    public void Batches_keep_to_their_size_and_differ_from_epoch_to_epoch()
    {
        BatchPlanner planner = Planner(Sequences());
        List<int[]> first = planner.Deal(new Random(1));
        Assert.IsTrue(first.All(windows => planner.Build(windows, new Random(0)).Cases.Targets.Length <= 20));
        CollectionAssert.AreEqual(
            first.SelectMany(w => w).ToList(),
            planner.Deal(new Random(1)).SelectMany(w => w).ToList()
        );
        CollectionAssert.AreNotEqual(
            first.SelectMany(w => w).ToList(),
            planner.Deal(new Random(2)).SelectMany(w => w).ToList()
        );
    }

    [TestMethod]
    public void Earlier_windows_make_every_item_but_the_first_a_target_once()
    {
        SequenceSet sequences = Sequences();
        BatchPlanner planner = Planner(sequences, EarlierWindows.On);
        int[] expected = new int[Items];
        for (int i = 0; i < sequences.Count; i++)
        {
            foreach (int item in sequences[i].Length > 0 ? sequences[i][1..] : default)
            {
                expected[item]++;
            }
        }
        CollectionAssert.AreEqual(expected, planner.TargetCounts());
    }

    [TestMethod]
    public void Seen_targets_are_those_of_the_rows_own_inputs()
    {
        BatchPlanner planner = Planner(Sequences(), wholeCatalogue: false, findSeen: true);
        foreach (int[] windows in planner.Deal(new Random(1)))
        {
            TrainingBatch batch = planner.Build(windows, new Random(0));
            int cases = batch.Cases.Targets.Length;
            long[] inputs = [.. batch.Slots.Select(slot => batch.Inputs[slot])];
            long[] expected =
            [
                .. from row in Enumerable.Range(0, cases)
                from column in Enumerable.Range(0, cases)
                where
                    Enumerable
                        .Range(0, row + 1)
                        .Any(i =>
                            batch.Cases.Users[i] == batch.Cases.Users[row] && inputs[i] == batch.Cases.Targets[column]
                        )
                select ((long)row * cases) + column,
            ];
            CollectionAssert.AreEquivalent(expected, batch.Cases.Seen!.Distinct().ToArray());
        }
    }

    [TestMethod]
    public void Candidates_are_the_distinct_targets_and_negatives_and_come_first()
    {
        SequenceSet sequences = Sequences();
        BatchPlanner plain = Planner(sequences, wholeCatalogue: false);
        BatchPlanner sampled = Planner(sequences, wholeCatalogue: false, negatives: 4);
        foreach (int[] windows in plain.Deal(new Random(1)))
        {
            TrainingBatch without = plain.Build(windows, new Random(2));
            TrainingBatch with = sampled.Build(windows, new Random(2));
            long[] targets = [.. without.Cases.Targets.Select(row => without.Items![row])];
            CollectionAssert.AreEqual(targets, with.Cases.Targets.Select(row => with.Items![row]).ToArray());
            Assert.AreEqual(targets.Distinct().Count(), without.Cases.Candidates);
            var random = new Random(2);
            long[] drawn = [.. Enumerable.Range(0, 4).Select(_ => (long)random.Next(Items))];
            CollectionAssert.AreEqual(
                targets.Concat(drawn).Distinct().ToArray(),
                with.Items!.Take(with.Cases.Candidates).ToArray()
            );
            CollectionAssert.AllItemsAreUnique(with.Items);
        }
    }

    [TestMethod]
    [DataRow(7, DisplayName = "all batches full")]
    [DataRow(8, DisplayName = "one window left over")]
    public void Batches_whose_negatives_are_other_users_targets_never_have_one_user_alone(int count)
    {
        // Six cases each: two users exceed a batch of 8, and one alone would have no negative.
        int[] offsets = [.. Enumerable.Range(0, count + 1).Select(i => 7 * i)];
        var sequences = new SequenceSet([.. Enumerable.Range(0, 7 * count).Select(i => i % Items)], offsets);
        var planner = new BatchPlanner(
            sequences,
            Items,
            new BatchPlanner.Settings(10, 8, EarlierWindows.Off, new BatchNeeds(OtherUsers: true))
        );
        List<int[]> deal = planner.Deal(new Random(1));
        CollectionAssert.AreEquivalent(Enumerable.Range(0, count).ToArray(), deal.SelectMany(batch => batch).ToArray());
        foreach (int[] windows in deal)
        {
            Assert.IsGreaterThan(1, planner.Build(windows, new Random(0)).Cases.Users.Distinct().Count());
        }
    }

    [TestMethod]
    public void Windows_of_one_sequence_are_of_one_user()
    {
        BatchPlanner planner = Planner(new SequenceSet([.. Enumerable.Range(0, 16)], [0, 14, 16]), EarlierWindows.On);
        Assert.AreEqual(4, planner.WindowCount);
        TrainingBatch batch = planner.Build(planner.Deal(new Random(1)).Single(), new Random(0));
        Assert.AreEqual(2, batch.Cases.Users.Distinct().Count());
        Assert.IsTrue(planner.HasTwoUsers);
        Assert.IsFalse(Planner(new SequenceSet([1, 2, 3, 4], [0, 1, 4])).HasTwoUsers);
    }

    private static BatchPlanner Planner(
        SequenceSet sequences,
        EarlierWindows earlierWindows = EarlierWindows.Off,
        bool wholeCatalogue = true,
        bool findSeen = false,
        int negatives = 0
    ) =>
        new(
            sequences,
            Items,
            new BatchPlanner.Settings(5, 20, earlierWindows, new BatchNeeds(wholeCatalogue, findSeen, negatives))
        );

    private static IEnumerable<string> Cases(TrainingBatch batch)
    {
        for (int row = 0; row < batch.Cases.Targets.Length; row++)
        {
            IEnumerable<long> history = Enumerable
                .Range(0, row + 1)
                .Where(i => batch.Cases.Users[i] == batch.Cases.Users[row])
                .Select(i => batch.Inputs[batch.Slots[i]]);
            yield return $"{string.Join(' ', history)}: {batch.Cases.Targets[row]}";
        }
    }

    private static SequenceSet Sequences()
    {
        var random = new Random(3);
        int[][] sequences =
        [
            .. Enumerable
                .Range(0, 30)
                .Select(_ => Enumerable.Range(0, random.Next(0, 18)).Select(_ => random.Next(Items)).ToArray()),
        ];
        int end = 0;
        return new SequenceSet([.. sequences.SelectMany(s => s)], [0, .. sequences.Select(s => end += s.Length)]);
    }
}

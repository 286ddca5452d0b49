using Microsoft.ML;

namespace Experiments.Retrain;

/// <summary>Each user's interactions cut twice: what yesterday's model saw, what there is today, and the item after that.</summary>
internal sealed class RetrainData
{
    /// <param name="mlContext">The context.</param>
    /// <param name="interactions">One row an interaction.</param>
    public RetrainData(MLContext mlContext, IDataView interactions)
    {
        UserRow[] users =
        [
            .. mlContext.Data.CreateEnumerable<UserRow>(
                mlContext.Data.GroupIntoSequences(interactions),
                reuseRowObject: false
            ),
        ];
        Yesterday = mlContext.Data.LoadFromEnumerable(users.Select(user => user.First(Of(user, 8))));
        Today = mlContext.Data.LoadFromEnumerable(users.Select(user => user.First(Of(user, 9))));
        Test = mlContext.Data.LoadFromEnumerable(
            users.Select(user => new CaseRow
            {
                User = user.User,
                Sequence = user.Sequence[..Of(user, 9)],
                Label = user.Sequence[Of(user, 9)],
            })
        );
        (OldInteractions, NewInteractions) = (
            users.Sum(user => (long)Of(user, 8)),
            users.Sum(user => (long)Of(user, 9) - Of(user, 8))
        );
    }

    /// <summary>The first 80 % of every user.</summary>
    public IDataView Yesterday { get; }

    /// <summary>The first 90 %.</summary>
    public IDataView Today { get; }

    /// <summary>The item after those.</summary>
    public IDataView Test { get; }

    public long OldInteractions { get; }

    public long NewInteractions { get; }

    // Rounded down: at least one item is left to test on.
    private static int Of(UserRow user, int tenths) => user.Sequence.Length * tenths / 10;

    private sealed class UserRow
    {
        public string User { get; set; } = "";

        public string[] Sequence { get; set; } = [];

        public UserRow First(int count) => new() { User = User, Sequence = Sequence[..count] };
    }

    private sealed class CaseRow
    {
        public string User { get; set; } = "";

        public string[] Sequence { get; set; } = [];

        public string Label { get; set; } = "";
    }
}

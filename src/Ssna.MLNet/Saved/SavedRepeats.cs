using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;

namespace Ssna.MLNet.Saved;

/// <summary>What a saved model has learned of repeats, but for the rates of its items: see <see cref="Repeats"/>, which is made of it.</summary>
internal sealed record SavedRepeats(float[] Recency, float Times, float Again, float User, float UserShare)
{
    public static SavedRepeats Of(Repeats repeats)
    {
        (float[] recency, float times, float again, float user) = repeats.Weights;
        return new(recency, times, again, user, repeats.Rates.UserShare);
    }

    /// <param name="items">The items' rates: (I).</param>
    public Repeats Restore(float[] items) => new(new(items, UserShare), new(Recency, Times, Again, User));

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        OptionsChecks.Require(
            Recency.Length == HistoryItem.Recencies && Array.TrueForAll(Recency, float.IsFinite),
            string.Join(", ", Recency),
            "Repeats.Recency",
            $"{HistoryItem.Recencies} finite numbers"
        );
        foreach (
            (string name, float value) in new[] { (nameof(Times), Times), (nameof(Again), Again), (nameof(User), User) }
        )
        {
            OptionsChecks.Require(float.IsFinite(value), value, $"Repeats.{name}", "a finite number");
        }
        OptionsChecks.Require(UserShare is > 0 and < 1, UserShare, "Repeats.UserShare", "between 0 and 1");
    }
}

namespace Ssna.MLNet.Runtime;

/// <summary>Checks values that a caller, or a file, has set: what is out of its range is refused by name.</summary>
internal static class OptionsChecks
{
    public static void NotEmpty(string value, string option) =>
        Require(!string.IsNullOrEmpty(value), value, option, "a column name");

    public static void AtLeast(int minimum, int value, string option) =>
        Require(value >= minimum, value, option, $"at least {minimum}");

    public static void Within(int minimum, int maximum, int value, string option) =>
        Require(value >= minimum && value <= maximum, value, option, $"from {minimum} to {maximum}");

    public static void NotNegative(float value, string option) =>
        Require(value >= 0 && float.IsFinite(value), value, option, "a number of at least 0");

    public static void Positive(float value, string option) =>
        Require(value > 0 && float.IsFinite(value), value, option, "a number above 0");

    public static void Share(float value, string option) =>
        Require(value is >= 0 and < 1, value, option, "at least 0 and less than 1");

    public static void Defined<T>(T value, string option)
        where T : struct, Enum => Require(Enum.IsDefined(value), value, option, "a defined value");

    /// <exception cref="ArgumentOutOfRangeException">It does not hold.</exception>
    public static void Require(bool holds, object? found, string option, string expected)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(
                option,
                found,
                FormattableString.Invariant($"Option {option}: expected {expected}, found {found ?? "null"}.")
            );
        }
    }
}

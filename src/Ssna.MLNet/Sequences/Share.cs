namespace Ssna.MLNet.Sequences;

/// <summary>How the log says what part of a whole something is.</summary>
internal static class Share
{
    /// <summary>Such as "3 of 12 (25.0 %)".</summary>
    public static string Of(long part, long whole) =>
        FormattableString.Invariant($"{part} of {whole} ({100.0 * part / Math.Max(1, whole):F1} %)");
}

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace DataFolders;

/// <summary>The type of ML.NET's that all times of a text column can be read as.</summary>
public static class TimeKind
{
    private const NumberStyles Real =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    // The first that holds all is taken. ML.NET turns dates with an offset into UTC, so that DateTime holds those too.
    private static readonly TimeType[] s_types =
    [
        new(DataKind.Int64, text => IsInteger(text) && long.TryParse(text, CultureInfo.InvariantCulture, out _)),
        new(DataKind.UInt64, text => IsInteger(text) && ulong.TryParse(text, CultureInfo.InvariantCulture, out _)),
        new(DataKind.Double, text => text.IsEmpty || IsReal(text)),
        // 5.5 would be the fifth of May.
        new(
            DataKind.DateTime,
            text => text.IsEmpty || (!IsReal(text) && DateTime.TryParse(text, CultureInfo.InvariantCulture, out _))
        ),
    ];

    /// <summary>Reads the whole column. A time may be missing: there is a value for that in reals and dates.</summary>
    /// <param name="texts">A view with a column Time of text.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="column">What the file calls the column, such as <c>column 3</c>, for messages.</param>
    /// <exception cref="InvalidDataException">There are no times, or no type holds all of them.</exception>
    public static DataKind Of(IDataView texts, string path, string column)
    {
        List<TimeType> possible = [.. s_types];
        bool any = false;
        long row = 0;
        foreach (ReadOnlyMemory<char> text in texts.GetColumn<ReadOnlyMemory<char>>("Time"))
        {
            row++;
            any |= !text.IsEmpty;
            possible.RemoveAll(type => !type.Holds(text.Span));
            if (possible.Count == 0)
            {
                throw new InvalidDataException(
                    $"{path}, row {row}, {column}: expected a time of the same kind as before, a number or a date such as "
                        + $"2024-01-31 or 2024-01-31T10:20:30+01:00, found '{text}'."
                );
            }
        }
        return any
            ? possible[0].Kind
            : throw new InvalidDataException(
                $"{path}, {column}: expected the times of the interactions, found none in {row} rows."
            );
    }

    // What ML.NET reads as one: no sign but a minus, and no spaces.
    private static bool IsInteger(ReadOnlySpan<char> text) => text.TrimStart('-').IndexOfAnyExceptInRange('0', '9') < 0;

    private static bool IsReal(ReadOnlySpan<char> text) =>
        double.TryParse(text, Real, CultureInfo.InvariantCulture, out _);

    private sealed record TimeType(DataKind Kind, TextTest Holds);

    private delegate bool TextTest(ReadOnlySpan<char> text);
}

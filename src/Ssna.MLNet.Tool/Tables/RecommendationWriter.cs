using System.Globalization;
using Ssna.MLNet.Tool.Reports;

namespace Ssna.MLNet.Tool.Tables;

/// <summary>Writes users' recommendations: as JSON lines, one a user, or as CSV or TSV, one row a recommendation.</summary>
/// <param name="to">Where.</param>
/// <param name="separator">What parts columns; null for JSON lines.</param>
internal sealed class RecommendationWriter(TextWriter to, char? separator)
{
    /// <summary>What parts the columns of a file, by its extension; null for JSON lines.</summary>
    /// <exception cref="InvalidDataException">No such file can be written.</exception>
    public static char? SeparatorOf(string path) =>
        Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => ',',
            ".tsv" => '\t',
            ".jsonl" or ".ndjson" => null,
            string other => throw new InvalidDataException(
                $"--output: expected a file that ends in .csv, .tsv or .jsonl, found '{other}' in '{path}'."
            ),
        };

    public void WriteHeader()
    {
        if (separator is not null)
        {
            Row("user", "rank", "item", "score");
        }
    }

    public void Write(UserRecommendations user)
    {
        if (separator is null)
        {
            to.WriteLine(Terminal.JsonLine(user));
            return;
        }
        foreach ((int index, ScoredItemReport item) in user.Items.Index())
        {
            Row(
                user.User,
                (index + 1).ToString(CultureInfo.InvariantCulture),
                item.Item,
                item.Score.ToString(CultureInfo.InvariantCulture)
            );
        }
    }

    private void Row(params IEnumerable<string> values) =>
        to.WriteLine(string.Join(separator!.Value, values.Select(Quoted)));

    private string Quoted(string value) =>
        separator == ',' && value.AsSpan().ContainsAny(",\"\r\n")
            ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : value;
}

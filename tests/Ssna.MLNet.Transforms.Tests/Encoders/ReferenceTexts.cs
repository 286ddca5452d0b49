using System.Text.Json;

namespace Ssna.MLNet.Transforms.Tests.Encoders;

/// <summary>The real texts of the reference values.</summary>
internal static class ReferenceTexts
{
    /// <summary>The token ids of each.</summary>
    /// <param name="reference">The folder of the values.</param>
    public static int[][] TokenIds(string reference)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(reference, "texts.json")));
        return [.. json.RootElement.GetProperty("input_ids").EnumerateArray().Select(row => row.Deserialize<int[]>()!)];
    }

    /// <summary>Texts of like length together, by their places: padding all to the longest would take ten times as long.</summary>
    public static IEnumerable<int[]> Batches(int[][] rows) =>
        Enumerable.Range(0, rows.Length).OrderBy(i => rows[i].Length).Chunk(6);
}

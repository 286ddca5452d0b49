using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Onnx;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Scoring;
using static TorchSharp.torch;

namespace Microsoft.ML.Trainers.Recommender;

public sealed partial class SsnaTransformer
{
    private const string OnnxIdsExtension = ".ids.json";

    /// <summary>
    /// Writes the recommender as an ONNX model, which ONNX Runtime (1.12 and later) computes without this library: histories as
    /// catalogue indexes in, the best items and their scores out, as <see cref="Recommend"/> gives them. Beside it stands the id
    /// table, which tells the index of an item.
    /// </summary>
    /// <param name="path">
    /// The .onnx; replaced where it exists, as the id table is: of <c>shop.onnx</c>, <c>shop.ids.json</c>. Weights of about 2 GB and more go
    /// into a third file, <c>shop.onnx.data</c>. The folder is made where it does not exist.
    /// </param>
    /// <remarks>
    /// <para>
    /// Inputs: <c>history</c>, int64 of (batch, length), oldest first, where every number that is no catalogue index is skipped wherever
    /// it stands: short rows are filled up with -1, on either side, and unknown items are -1 too. Length is at least 1, and as long as
    /// histories are: the model looks at the most recent items, what it has learned of repeats and the exclusion at all of them.
    /// <c>k</c>, int64 of (1): how many items at most. <c>exclude_history</c>, bool of (1): whether to leave out what is in a row's own
    /// history. Outputs: <c>items</c>, int64, and <c>scores</c>, float32, of (batch, k), best first; where fewer items are left than were
    /// asked for, -1 and minus infinity. A history of which nothing is known gets the most popular items.
    /// </para>
    /// <para>
    /// The id table is a JSON array of the ids, texts or numbers, in the order of their indexes. Item embeddings are there in their
    /// <see cref="ItemPrecision"/>; scores of int8 ones, whose products with a user's embedding are sums of whole numbers here, differ in
    /// the fifth digit. Operators are those of version 17 of the standard set. The file says all this too; its metadata have what
    /// the output columns do (<c>ssna.k</c>, <c>ssna.exclude_history</c>).
    /// </para>
    /// <para>
    /// The item pipeline has no part in it: items that are added, removed or kept in another precision need another export.
    /// <c>mlContext.Model.ConvertToOnnx</c> (Microsoft.ML.OnnxConverter 0.23.1) has no place for it: transforms take part by the interface
    /// <c>ITransformCanSaveOnnx</c>, which is internal to ML.NET, and by a context that knows operators up to version 12 alone, no weights in
    /// float16 or int8, no loops and no weights beside the file. It makes the columns of this transformer inputs of what it writes.
    /// </para>
    /// <para>Files are written beside and take their names together once they are complete.</para>
    /// </remarks>
    /// <exception cref="IOException">The files cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    /// <exception cref="ObjectDisposedException">The transformer is disposed of.</exception>
    public void ExportOnnx(string path) => ExportOnnx(path, largestFile: null);

    internal void ExportOnnx(string path, long? largestFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using Lifetime.Use use = _memory.Begin();
        using TensorState state = TensorState.Frozen();
        using var scope = NewDisposeScope();
        string ids = Path.ChangeExtension(Path.GetFileName(path), OnnxIdsExtension);
        OnnxFile.Write(
            path,
            RecommenderGraph.Of(_catalogue),
            "The best items of a catalogue for users known by what they took.",
            new Dictionary<string, string>
            {
                ["ssna.items"] = Text(ItemCount),
                ["ssna.ids"] = ids,
                ["ssna.dimension"] = Text(Dimension),
                ["ssna.item_precision"] = _catalogue.Items.Precision.ToString(),
                ["ssna.maximum_sequence_length"] = Text(Shape.Sequence.MaximumSequenceLength),
                ["ssna.repeats"] = Text(_catalogue.Repeats is not null),
                ["ssna.k"] = Text(_settings.TopK),
                ["ssna.exclude_history"] = Text(_settings.ExcludeHistory),
            },
            [(ids, file => WriteIds(file, _ids))],
            largestFile
        );

        static string Text(IConvertible value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private static void WriteIds(Stream stream, ItemIds ids)
    {
        const int together = 1000; // what has been written goes out, or all of it would stand in memory
        using var writer = new Utf8JsonWriter(
            stream,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
        );
        writer.WriteStartArray();
        for (int i = 0; i < ids.Count; i++)
        {
            if (ids is TextItemIds)
            {
                writer.WriteStringValue(ids.TextOf(i).Span);
            }
            else
            {
                writer.WriteRawValue(ids.TextOf(i).Span);
            }
            if (i % together == together - 1)
            {
                writer.Flush();
            }
        }
        writer.WriteEndArray();
    }
}

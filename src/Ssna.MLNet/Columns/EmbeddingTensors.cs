using System.Runtime.InteropServices;
using System.Text;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Ids;
using static TorchSharp.torch;

namespace Ssna.MLNet.Columns;

/// <summary>
/// Ids and embeddings as a safetensors file: the matrix, and the ids as the format can hold them, which knows no texts: their UTF-8
/// end to end, and where each starts.
/// </summary>
internal static class EmbeddingTensors
{
    public const string Embeddings = "embeddings";
    public const string Offsets = "id_offsets";
    public const string Ids = "ids";

    /// <summary>Rows between two reports of progress.</summary>
    private const int ReportedRows = 1 << 14;

    private static readonly Dictionary<string, string> s_metadata = new()
    {
        [Ids] = $"id i is the UTF-8 text in {Ids}[{Offsets}[i]:{Offsets}[i + 1]]",
    };

    /// <summary>Writes all rows as they come: none is kept but for its id.</summary>
    /// <param name="file">An empty file.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="progress">Told the number of rows that are written.</param>
    /// <exception cref="InvalidOperationException">The ids together are 2 GiB or more.</exception>
    public static void Write(Stream file, EmbeddingRows rows, IProgress<long>? progress)
    {
        // How many rows there are is known at the end: until then the header's place is kept by the longest that it can be.
        int room = Start(rows, int.MaxValue, int.MaxValue, leastLength: 0).Length;
        file.Write(new byte[room]);
        while (rows.MoveNext())
        {
            file.Write(MemoryMarshal.AsBytes(rows.Embedding));
            if (rows.Ids.Count % ReportedRows == 0)
            {
                progress?.Report(rows.Ids.Count);
            }
        }
        int[] offsets = OffsetsOf(rows.Ids);
        file.Write(MemoryMarshal.AsBytes<int>(offsets));
        for (int i = 0; i < rows.Ids.Count; i++)
        {
            file.Write(Encoding.UTF8.GetBytes(rows.Ids.ToText(i)));
        }
        file.Position = 0;
        file.Write(Start(rows, rows.Ids.Count, offsets[^1], room));
        progress?.Report(rows.Ids.Count);
    }

    private static byte[] Start(EmbeddingRows rows, int count, int idBytes, int leastLength) =>
        SafetensorsWriter.Start(
            [
                new(Embeddings, ScalarType.Float32, [count, rows.Dimension]),
                new(Offsets, ScalarType.Int32, [count + 1L]),
                new(Ids, ScalarType.Byte, [idBytes]),
            ],
            s_metadata,
            leastLength
        );

    private static int[] OffsetsOf(ItemIds ids)
    {
        var offsets = new int[ids.Count + 1];
        long end = 0;
        for (int i = 0; i < ids.Count; i++)
        {
            end += Encoding.UTF8.GetByteCount(ids.TextOf(i).Span);
            offsets[i + 1] =
                end <= int.MaxValue
                    ? (int)end
                    : throw new InvalidOperationException(
                        "Expected ids of less than 2 GiB of UTF-8 together, found more."
                    );
        }
        return offsets;
    }
}

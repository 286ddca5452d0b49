using System.IO.Compression;
using Ssna.MLNet.Checkpoints;

namespace Ssna.MLNet.Tests.Saved;

/// <summary>The tensors of a saved model.</summary>
internal static class SavedTensors
{
    /// <summary>Reads them; the caller's to dispose.</summary>
    public static SafetensorsFile Read(string zip)
    {
        using ZipArchive archive = ZipFile.OpenRead(zip);
        ZipArchiveEntry entry = archive.Entries.Single(entry =>
            entry.Name.EndsWith("Tensors.safetensors", StringComparison.Ordinal)
        );
        using var bytes = new MemoryStream();
        using (Stream stream = entry.Open())
        {
            stream.CopyTo(bytes);
        }
        bytes.Position = 0;
        return SafetensorsFile.Read(bytes, entry.Name);
    }
}

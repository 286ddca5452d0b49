using System.IO.Compression;
using System.Security.Cryptography;

namespace Ssna.MLNet.Testing;

/// <summary>Damages saved models on purpose.</summary>
public static class ZipEdit
{
    /// <summary>Where ML.NET's model header keeps the format version written and the one needed to read, 4 bytes each.</summary>
    private const int VersionsAt = 0x48;

    /// <summary>The zip with one entry changed, or left out where <paramref name="change"/> returns null.</summary>
    /// <param name="zip">A saved model.</param>
    /// <param name="entry">The end of the entry's name; exactly one must have it.</param>
    /// <param name="change">Gets the content and returns the new one.</param>
    public static byte[] Change(byte[] zip, string entry, Func<byte[], byte[]?> change)
    {
        ArgumentNullException.ThrowIfNull(zip);
        ArgumentNullException.ThrowIfNull(change);
        using var stream = new MemoryStream();
        stream.Write(zip);
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry found =
                archive.Entries.SingleOrDefault(e =>
                    e.FullName.Replace('\\', '/').EndsWith(entry, StringComparison.Ordinal)
                )
                ?? throw new ArgumentException(
                    $"No '{entry}' among {string.Join(", ", archive.Entries.Select(e => e.FullName))}.",
                    nameof(entry)
                );
            using var content = new MemoryStream();
            using (Stream old = found.Open())
            {
                old.CopyTo(content);
            }
            string name = found.FullName;
            found.Delete();
            if (change(content.ToArray()) is { } changed)
            {
                using Stream entryStream = archive.CreateEntry(name).Open();
                entryStream.Write(changed);
            }
        }
        return stream.ToArray();
    }

    /// <summary>The zip with one entry changed as somebody would have saved it: with its hash in the main stream.</summary>
    /// <param name="zip">A saved model.</param>
    /// <param name="entry">The end of the entry's name; exactly one must have it.</param>
    /// <param name="change">Gets the content and returns the new one.</param>
    public static byte[] ChangeAndSeal(byte[] zip, string entry, Func<byte[], byte[]> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        (byte[] before, byte[] after) = ([], []);
        byte[] changed = Change(
            zip,
            entry,
            bytes =>
            {
                before = SHA256.HashData(bytes);
                byte[] content = change(bytes);
                after = SHA256.HashData(content);
                return content;
            }
        );
        return Change(
            changed,
            "TransformerChain/Model.key",
            bytes =>
            {
                after.CopyTo(bytes, bytes.AsSpan().IndexOf(before));
                return bytes;
            }
        );
    }

    /// <summary>The zip as a later version of the library would have written it.</summary>
    /// <param name="zip">A saved model.</param>
    /// <param name="folder">The transformer's folder in it, such as "Transform_000".</param>
    public static byte[] MakeNewer(byte[] zip, string folder) =>
        Change(
            zip,
            $"{folder}/Model.key",
            bytes =>
            {
                BitConverter.TryWriteBytes(bytes.AsSpan(VersionsAt), 0x00990001);
                BitConverter.TryWriteBytes(bytes.AsSpan(VersionsAt + sizeof(int)), 0x00990001);
                return bytes;
            }
        );
}

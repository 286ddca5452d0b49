using Microsoft.Win32.SafeHandles;

namespace Ssna.MLNet.Checkpoints;

/// <summary>
/// Opens files of a folder that came from elsewhere: only regular ones, and whole into memory only up to a size that such a
/// file may have.
/// </summary>
internal static class FolderFile
{
    /// <summary>The most bytes of a file of settings: those of models with many labels or shards have a few million.</summary>
    public const int SettingsLimit = 16 << 20;

    /// <summary>The most bytes of a vocabulary: the largest multilingual ones have some 20 million.</summary>
    public const int VocabularyLimit = 64 << 20;

    /// <summary>Opens a file for reading. A link to one will do: the hub's own cache is made of them.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is empty, or a device, a pipe or the like.</exception>
    public static SafeFileHandle Open(string path)
    {
        // Opening a pipe waits for who writes to it, and a device may never end; neither has a length. So before it is opened.
        FileSystemInfo found = File.ResolveLinkTarget(path, returnFinalTarget: true) ?? new FileInfo(path);
        return found is FileInfo { Exists: true, Length: 0 }
            ? throw new InvalidDataException(
                $"'{path}': expected a regular file with content, found an empty one, or a device or pipe."
            )
            : File.OpenHandle(path);
    }

    /// <summary>The whole of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limit">The most bytes that it may have.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is larger, empty, or a device, a pipe or the like.</exception>
    public static byte[] Read(string path, int limit)
    {
        using SafeFileHandle file = Open(path);
        long length = RandomAccess.GetLength(file);
        if (length > limit)
        {
            throw new InvalidDataException($"'{path}': expected at most {limit:N0} bytes, found {length:N0}.");
        }
        var bytes = new byte[length];
        int done = 0;
        while (done < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(done), done) is > 0 and var read)
        {
            done += read;
        }
        return done == bytes.Length
            ? bytes
            : throw new InvalidDataException($"'{path}' became shorter while it was being read.");
    }
}

namespace Ssna.MLNet.Runtime;

/// <summary>Files that are either there in full or not at all.</summary>
internal static class WholeFile
{
    /// <summary>How the names end of files that are being written, and of those that a process left which was killed.</summary>
    public const string PartialExtension = ".partial";

    private static readonly TimeSpan s_longAgo = TimeSpan.FromDays(1);

    /// <summary>Writes a file beside <paramref name="path"/> and gives it that name once it is complete.</summary>
    public static void Write(string path, Action<FileStream> write)
    {
        // Not the process's id: in containers every process is number 1, and one process may write the file twice at once.
        string partial = $"{path}.{Guid.NewGuid():n}{PartialExtension}";
        try
        {
            using (var file = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
        DeleteLeftovers(Path.GetFullPath(path));
    }

    /// <summary>Deletes what writers left that were killed, where nobody writes now.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="start">How the files' names begin.</param>
    public static void DeletePartials(string folder, string start = "")
    {
        foreach (string left in Directory.GetFiles(folder, $"{start}*{PartialExtension}"))
        {
            File.Delete(left);
        }
    }

    // Of writers that were killed: nobody writes for a day without a byte.
    private static void DeleteLeftovers(string path)
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(path)!);
        foreach (FileInfo file in folder.EnumerateFiles($"{Path.GetFileName(path)}.*{PartialExtension}"))
        {
            try
            {
                if (DateTime.UtcNow - file.LastWriteTimeUtc > s_longAgo)
                {
                    file.Delete();
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody else's, or gone by now: the file that was asked for is there.
            }
        }
    }
}

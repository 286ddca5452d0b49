namespace Ssna.MLNet.Runtime;

/// <summary>Files that are either there in full or not at all.</summary>
internal static class WholeFile
{
    /// <summary>How the names end of files that are being written, and of those that a process left which was killed.</summary>
    public const string PartialExtension = ".partial";

    private static readonly TimeSpan s_longAgo = TimeSpan.FromDays(1);

    /// <summary>Writes a file beside <paramref name="path"/> and gives it that name once it is complete.</summary>
    public static void Write(string path, Action<FileStream> write) =>
        WriteAsync(path, AtOnce(write)).GetAwaiter().GetResult();

    /// <inheritdoc cref="Write"/>
    public static async Task WriteAsync(string path, Func<FileStream, Task> write)
    {
        string partial = PartialOf(path);
        try
        {
            await WritePartialAsync(partial, write).ConfigureAwait(false);
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
        DeleteLeftovers(Path.GetFullPath(path));
    }

    /// <summary>
    /// Writes files that belong together: all of them beside their places before any takes its name. A full disk, or a kill until
    /// then, leaves those that were there. While names change, the file that readers ask for is missing, so that a kill in that
    /// moment leaves a folder that is refused, and never files of both.
    /// </summary>
    /// <param name="folder">Made where it does not exist.</param>
    /// <param name="files">Names and contents; the last is the one that nobody reads the folder without.</param>
    /// <param name="obsolete">Names of files that do not belong to them.</param>
    public static void WriteTogether(
        string folder,
        IReadOnlyList<(string Name, Action<FileStream> Write)> files,
        IEnumerable<string> obsolete
    )
    {
        Directory.CreateDirectory(folder);
        (string Path, string Partial)[] written =
        [
            .. files.Select(file => Path.Combine(folder, file.Name)).Select(path => (path, PartialOf(path))),
        ];
        try
        {
            for (int i = 0; i < files.Count; i++)
            {
                WritePartialAsync(written[i].Partial, AtOnce(files[i].Write)).GetAwaiter().GetResult();
            }
            File.Delete(written[^1].Path);
            foreach (string name in obsolete)
            {
                File.Delete(Path.Combine(folder, name));
            }
            foreach ((string path, string partial) in written)
            {
                File.Move(partial, path, overwrite: true);
            }
        }
        finally
        {
            foreach ((_, string partial) in written)
            {
                File.Delete(partial);
            }
        }
        foreach ((string path, _) in written)
        {
            DeleteLeftovers(Path.GetFullPath(path));
        }
    }

    /// <summary>Whether it is .NET's word for a file larger than the file system, or a limit of the process, allows.</summary>
    public static bool IsTooLarge(Exception error) => error is ArgumentOutOfRangeException { ParamName: "value" };

    // Not the process's id: in containers every process is number 1, and one process may write the file twice at once.
    private static string PartialOf(string path) => $"{path}.{Guid.NewGuid():n}{PartialExtension}";

    // What has ended when it returns: nobody waits for it.
    private static Func<FileStream, Task> AtOnce(Action<FileStream> write) =>
        file =>
        {
            write(file);
            return Task.CompletedTask;
        };

    private static async Task WritePartialAsync(string partial, Func<FileStream, Task> write)
    {
        try
        {
            using var file = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite);
            await write(file).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
        }
        catch (ArgumentOutOfRangeException error) when (IsTooLarge(error))
        {
            throw new IOException($"'{partial}': {error.Message}", error);
        }
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

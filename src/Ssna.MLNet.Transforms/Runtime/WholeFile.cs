namespace Ssna.MLNet.Runtime;

/// <summary>Files that are either there in full or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes a file beside <paramref name="path"/> and gives it that name once it is complete.</summary>
    public static void Write(string path, Action<FileStream> write)
    {
        string partial = $"{path}.{Environment.ProcessId}.partial";
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.ReadWrite))
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
    }
}

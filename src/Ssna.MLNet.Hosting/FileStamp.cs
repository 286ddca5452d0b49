namespace Ssna.MLNet.Hosting;

/// <summary>What tells a file from the one that was there before, without reading it.</summary>
/// <param name="Path">Where it is in the end, as what is mounted into containers is often a link that changes.</param>
/// <param name="Written">When it was written last.</param>
/// <param name="Length">Its size in bytes.</param>
internal sealed record FileStamp(string Path, DateTime Written, long Length)
{
    /// <summary>The stamp of a file, or null where there is none.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            {
                file = target;
            }
            return file.Exists ? new(file.FullName, file.LastWriteTimeUtc, file.Length) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // It goes while it is looked at, or may not be looked at.
        }
    }
}

namespace Ssna.MLNet.Runtime;

/// <summary>
/// A folder that one user at a time works in, in whichever process: held by a file that is open. The operating system lets go of
/// it when the process ends, however that comes.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _held;

    private FolderLock(FileStream held) => _held = held;

    /// <summary>Takes the folder.</summary>
    /// <param name="path">The file to hold, in the folder.</param>
    /// <param name="option">The option that names the folder, for messages.</param>
    /// <param name="user">What works in it, such as "search", for messages.</param>
    /// <exception cref="InvalidOperationException">Somebody has it.</exception>
    public static FolderLock Take(string path, string option, string user)
    {
        return TryTake(path, out IOException? error)
            ?? throw new InvalidOperationException(
                $"Option {option}, '{Path.GetDirectoryName(path)}': expected a folder that no {user} is running in, found "
                    + $"{Path.GetFileName(path)} held by one, in this process or another. Wait for it, or give this {user} a "
                    + $"folder of its own. {error!.Message}",
                error
            );
    }

    /// <summary>Takes a file, or gives null where somebody has it.</summary>
    /// <param name="path">The file to hold; made where there is none.</param>
    public static FolderLock? TryTake(string path) => TryTake(path, out _);

    private static FolderLock? TryTake(string path, out IOException? error)
    {
        error = null;
        try
        {
            return new(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            error = e;
            return null;
        }
    }

    public void Dispose() => _held.Dispose();
}

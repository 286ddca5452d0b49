using System.Security.Cryptography;
using System.Text;

namespace Experiments.Runs;

/// <summary>Hashes of folders, so that results are known by what they were computed from.</summary>
internal static class ContentHash
{
    /// <summary>A hash of some files of a folder, or of all that lie in it directly.</summary>
    public static string OfFolder(string folder, params string[] files)
    {
        IEnumerable<string> names =
            files.Length > 0 ? files : Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)!);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string name in names.Order(StringComparer.Ordinal))
        {
            using FileStream stream = File.OpenRead(Path.Combine(folder, name));
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n"));
            hash.AppendData(SHA256.HashData(stream));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}

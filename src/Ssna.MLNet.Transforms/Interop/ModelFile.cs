using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>The zip that a transformer is saved to: whole, or not at all, and with a hash of every entry.</summary>
internal static class ModelFile
{
    /// <summary>Where ML.NET puts the transformer.</summary>
    public const string ModelFolder = "TransformerChain";

    /// <summary>The entry of the hashes.</summary>
    public const string ChecksumsEntry = "Checksums.json";

    /// <summary>Writes the zip beside <paramref name="path"/> and gives it that name once it is complete.</summary>
    /// <param name="host">Where exceptions are marked as coming from.</param>
    /// <param name="model">What to save.</param>
    /// <param name="path">The .zip; replaced where it exists.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The same, for want of a permission.</exception>
    public static void Save(IHost host, ICanSaveModel model, string path) =>
        WholeFile.Write(
            path,
            file =>
            {
                using (RepositoryWriter repository = RepositoryWriter.CreateNew(file, host))
                {
                    ModelSaveContext.SaveModel(repository, model, ModelFolder);
                    repository.Commit();
                }
                // It reads all of it, and so finds what ML.NET's writer keeps to itself: a disk that was full at the end.
                Seal(file);
            }
        );

    /// <summary>Adds a hash of every entry to a zip that is complete.</summary>
    /// <exception cref="InvalidDataException">The zip is not complete.</exception>
    public static void Seal(Stream zip)
    {
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                hashes.Add(NameOf(entry), HashOf(entry));
            }
        }
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Update, leaveOpen: true))
        {
            using Stream entry = archive.CreateEntry(ChecksumsEntry).Open();
            JsonSerializer.Serialize(entry, hashes);
        }
    }

    /// <summary>An entry's name with slashes: written on Windows, names have backslashes.</summary>
    public static string NameOf(ZipArchiveEntry entry) => entry.FullName.Replace('\\', '/');

    /// <summary>SHA-256 of what is in an entry, in hexadecimal.</summary>
    public static string HashOf(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}

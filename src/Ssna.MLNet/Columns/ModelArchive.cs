using System.IO.Compression;
using System.Reflection;
using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Columns;

/// <summary>The zip that a model is saved to: what ML.NET does not look at before it unpacks one.</summary>
/// <remarks>
/// ML.NET unpacks every entry that it is asked for, whatever its size, to the temporary folder, loads any assembly that a
/// model's header names, and believes what it reads: a damaged "Schema" can keep it busy for ever.
/// </remarks>
internal static class ModelArchive
{
    private const int MaximumEntries = 10_000;

    // Weights hardly shrink in a zip and lists of ids shrink to a fifth: more than this is made to fill a disk.
    private const long FreeBytes = 64L << 20;
    private const long MaximumRatio = 50;

    /// <summary>Refuses a zip that is damaged, is made to fill a disk, or holds another model.</summary>
    /// <param name="zip">The zip.</param>
    /// <param name="signature">The loader's signature of the model that is expected.</param>
    /// <param name="inner">The folder in it of a model of its own, where there is one.</param>
    /// <exception cref="InvalidDataException">It is; the message says why, and names the entry.</exception>
    public static void Check(Stream zip, string signature, string inner)
    {
        using var archive = new ZipArchive(zip, ZipArchiveMode.Read, leaveOpen: true);
        Dictionary<string, ZipArchiveEntry> entries = CheckEntries(archive, zip.Length);
        if (entries.Remove(ModelFile.ChecksumsEntry, out ZipArchiveEntry? checksums))
        {
            CheckHashes(checksums, entries);
        }
        foreach ((string name, ZipArchiveEntry entry) in entries)
        {
            if (name.Split('/')[^1] is "Model.key" or "Model.bin")
            {
                CheckHeader(
                    name,
                    entry,
                    name.StartsWith($"{ModelFile.ModelFolder}/Model.", StringComparison.Ordinal) ? signature : null
                );
            }
        }
        // Without its own, a model in the model would count as absent.
        if (
            entries.Keys.Any(name =>
                name.StartsWith($"{ModelFile.ModelFolder}/{inner}/", StringComparison.OrdinalIgnoreCase)
            ) && !entries.ContainsKey($"{ModelFile.ModelFolder}/{inner}/Model.key")
        )
        {
            throw new InvalidDataException($"it lacks its entry '{ModelFile.ModelFolder}/{inner}/Model.key'.");
        }
        if (!entries.ContainsKey($"{ModelFile.ModelFolder}/Model.key"))
        {
            throw new InvalidDataException(
                $"expected a saved model with an entry '{ModelFile.ModelFolder}/Model.key', found none."
            );
        }
    }

    private static Dictionary<string, ZipArchiveEntry> CheckEntries(ZipArchive archive, long fileBytes)
    {
        if (archive.Entries.Count > MaximumEntries)
        {
            throw new InvalidDataException(
                $"expected at most {MaximumEntries:N0} entries, found {archive.Entries.Count:N0}."
            );
        }
        // ML.NET looks names up without regard to case.
        var entries = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        long bytes = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = ModelFile.NameOf(entry);
            if (
                name.Length == 0
                || name.StartsWith('/')
                || name.Contains("..")
                || name.Contains(':')
                || name.Any(char.IsControl)
            )
            {
                throw new InvalidDataException($"expected names of entries below the zip's top, found '{name}'.");
            }
            if (!entries.TryAdd(name, entry))
            {
                throw new InvalidDataException($"expected every entry once, found '{name}' again.");
            }
            bytes += entry.Length;
            if (bytes > FreeBytes + (MaximumRatio * fileBytes))
            {
                throw new InvalidDataException(
                    $"expected entries of at most {FreeBytes + (MaximumRatio * fileBytes):N0} bytes together in a file of "
                        + $"{fileBytes:N0}, found {bytes:N0} up to '{name}': it would fill the temporary folder."
                );
            }
        }
        return entries;
    }

    private static void CheckHashes(ZipArchiveEntry checksums, Dictionary<string, ZipArchiveEntry> entries)
    {
        if (checksums.Length > FolderFile.SettingsLimit)
        {
            throw new InvalidDataException($"its entry '{ModelFile.ChecksumsEntry}' has {checksums.Length:N0} bytes.");
        }
        using var content = new MemoryStream();
        using (Stream stream = checksums.Open())
        {
            stream.CopyTo(content);
        }
        using JsonDocument json = JsonText.Parse(content.ToArray(), $"Its entry '{ModelFile.ChecksumsEntry}'");
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new InvalidDataException($"its entry '{ModelFile.ChecksumsEntry}' is no JSON object.");
        }
        HashSet<string> unknown = [.. entries.Keys];
        foreach (JsonProperty saved in json.RootElement.EnumerateObject())
        {
            if (!unknown.Remove(saved.Name))
            {
                throw new InvalidDataException($"it lacks its entry '{saved.Name}'. Was it saved completely?");
            }
            if (
                saved.Value.ValueKind != JsonValueKind.String
                || !saved.Value.ValueEquals(ModelFile.HashOf(entries[saved.Name]))
            )
            {
                throw new InvalidDataException($"its entry '{saved.Name}' is not what was saved.");
            }
        }
        if (unknown.Count > 0)
        {
            throw new InvalidDataException($"its entry '{unknown.First()}' was not there when it was saved.");
        }
    }

    private static void CheckHeader(string name, ZipArchiveEntry entry, string? signature)
    {
        using Stream stream = entry.Open();
        var bytes = new byte[ModelHeader.Size];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new InvalidDataException($"its entry '{name}' is too short for a model.");
        }
        ModelHeader.MarshalFromBytes(out ModelHeader header, bytes);
        string found = ModelHeader.GetLoaderSig(ref header);
        if (signature is not null && found != signature)
        {
            throw new InvalidDataException(
                $"expected a model with the signature '{signature}', found '{found}'. mlContext.Model.Load loads others too."
            );
        }
        if (header.FpAssemblyName <= 0)
        {
            return;
        }
        long start = header.FpAssemblyName;
        if (start < bytes.Length || start + header.CbAssemblyName > entry.Length || header.CbAssemblyName > 4096)
        {
            throw new InvalidDataException(
                $"its entry '{name}' is damaged: it names an assembly where there is no name."
            );
        }
        Skip(stream, start - bytes.Length);
        var text = new byte[header.CbAssemblyName];
        stream.ReadExactly(text);
        CheckAssembly(name, Encoding.Unicode.GetString(text));
    }

    // A model's header makes ML.NET load the assembly that it names. Which are there is the application's choice, and so is which
    // of them are loaded: a file is to add nothing to that but ML.NET and this library.
    private static void CheckAssembly(string name, string assembly)
    {
        // A damaged name that begins as a known one does.
        if (!AssemblyNameInfo.TryParse(assembly, out AssemblyNameInfo? parsed))
        {
            throw new InvalidDataException($"its entry '{name}' is damaged: '{assembly}' is no name of an assembly.");
        }
        string simple = parsed.Name;
        bool known =
            IsOf("Microsoft.ML")
            || IsOf("Ssna.MLNet")
            || AppDomain.CurrentDomain.GetAssemblies().Any(loaded => loaded.GetName().Name == simple);
        if (!known)
        {
            throw new InvalidDataException(
                $"its entry '{name}' needs the assembly '{simple}': expected one of ML.NET, of this library, or one that the "
                    + "application has loaded."
            );
        }
        try
        {
            // As ML.NET will; what it says then names neither the file nor the entry.
            _ = Assembly.Load(assembly);
        }
        catch (Exception error) when (error is IOException or BadImageFormatException)
        {
            throw new InvalidDataException(
                $"its entry '{name}' needs the assembly '{assembly}', which cannot be loaded: {error.Message}",
                error
            );
        }

        bool IsOf(string family) => simple == family || simple.StartsWith($"{family}.", StringComparison.Ordinal);
    }

    private static void Skip(Stream stream, long count)
    {
        var buffer = new byte[8192];
        while (count > 0)
        {
            int part = (int)Math.Min(count, buffer.Length);
            stream.ReadExactly(buffer.AsSpan(0, part));
            count -= part;
        }
    }
}

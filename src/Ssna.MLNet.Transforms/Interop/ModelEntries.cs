using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>Reads and writes the files of a transformer's folder in a saved model.</summary>
internal static class ModelEntries
{
    private const string VersionsEntry = "Versions.json";

    // One line a library, for whoever opens the zip.
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes the file <paramref name="name"/> beside the model's main stream.</summary>
    public static void Save(ModelSaveContext context, string name, Action<Stream> write)
    {
        Contracts.Check(context.InRepository, "The model can only be saved to a .zip, through mlContext.Model.Save.");
        context.SaveBinaryStream(
            name,
            writer =>
            {
                writer.Flush();
                write(writer.BaseStream);
            }
        );
    }

    /// <summary>Reads what <see cref="Save"/> wrote. The stream can seek and starts at 0.</summary>
    /// <exception cref="FormatException">The file is not there.</exception>
    public static TResult Load<TResult>(ModelLoadContext context, string name, Func<Stream, TResult> read)
    {
        TResult result = default!;
        if (!context.TryLoadBinaryStream(name, reader => result = read(reader.BaseStream)))
        {
            throw Contracts.ExceptDecode($"The saved model lacks its file '{name}'. Was it saved completely?");
        }
        return result;
    }

    /// <summary>As <see cref="Save"/>, with a hash of the file in the model's main stream, where <see cref="LoadChecked"/> looks for it.</summary>
    public static void SaveChecked(ModelSaveContext context, string name, Action<Stream> write) =>
        Save(
            context,
            name,
            stream =>
            {
                write(stream);
                stream.Position = 0;
                context.Writer.Write(SHA256.HashData(stream));
            }
        );

    /// <summary>Reads what <see cref="SaveChecked"/> wrote, in the same order of calls.</summary>
    /// <exception cref="FormatException">The file is not there, or not what was saved: a zip's own checksums go unread.</exception>
    public static TResult LoadChecked<TResult>(ModelLoadContext context, string name, Func<Stream, TResult> read)
    {
        byte[] expected = context.Reader.ReadBytes(SHA256.HashSizeInBytes);
        return Load(
            context,
            name,
            stream =>
            {
                if (!SHA256.HashData(stream).AsSpan().SequenceEqual(expected))
                {
                    throw Contracts.ExceptDecode(
                        $"The saved model is damaged: its file '{name}' is not what was saved."
                    );
                }
                stream.Position = 0;
                return read(stream);
            }
        );
    }

    /// <summary>To be called first when a model is saved: says what it is, and which libraries wrote it.</summary>
    public static void Begin(ModelSaveContext context, VersionInfo version)
    {
        context.CheckAtModel();
        context.SetVersionInfo(version);
        Save(context, VersionsEntry, stream => JsonSerializer.Serialize(stream, LibraryVersions.Present, s_json));
    }

    /// <summary>To be called first when a model is loaded.</summary>
    /// <exception cref="FormatException">The model is another kind's, or of a version that this one cannot read.</exception>
    public static void CheckVersion(ModelLoadContext context, VersionInfo version)
    {
        context.CheckAtModel();
        // ML.NET's own messages would blame ML.NET's version.
        if (context.Header.ModelSignature == version.ModelSignature)
        {
            if (context.Header.ModelVerReadable > version.VerWrittenCur)
            {
                throw Contracts.ExceptDecode(
                    $"The saved '{version.LoaderSignature}' was written by a newer version of this library{Writer(context)}: its format is "
                        + $"0x{context.Header.ModelVerReadable:x8}, and at most 0x{version.VerWrittenCur:x8} can be read. "
                        + $"Update the package '{version.LoaderAssemblyName.Split(',')[0]}'."
                );
            }
            if (context.Header.ModelVerWritten < version.VerWeCanReadBack)
            {
                throw Contracts.ExceptDecode(
                    $"The saved '{version.LoaderSignature}' was written by an older version of this library{Writer(context)}: its format is "
                        + $"0x{context.Header.ModelVerWritten:x8}, and at least 0x{version.VerWeCanReadBack:x8} can be read. "
                        + "Train and save it again."
                );
            }
        }
        context.CheckVersionInfo(version);
    }

    // For a message: nothing else depends on it, and models saved before have none.
    private static string Writer(ModelLoadContext context)
    {
        string? found = null;
        try
        {
            context.TryLoadBinaryStream(
                VersionsEntry,
                reader =>
                    found =
                        reader.BaseStream.Length > FolderFile.SettingsLimit
                            ? null
                            : JsonSerializer
                                .Deserialize<Dictionary<string, string>>(reader.BaseStream)
                                ?.GetValueOrDefault(LibraryVersions.Own)
            );
        }
        catch (JsonException)
        {
            // Damaged: then nobody knows.
        }
        return found is null ? "" : $", {found}";
    }
}

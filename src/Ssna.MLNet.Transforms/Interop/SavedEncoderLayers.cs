using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Transforms;

namespace Ssna.MLNet.Interop;

/// <summary>What a saved <see cref="EncoderLayersTransformer"/> says of itself, in the main stream of its zip.</summary>
/// <remarks>
/// Neither the options nor what is computed with are written as they are: this type changes with <see cref="Version"/>, and a file
/// of every version that a release has written stays under tests and loads for ever.
/// </remarks>
/// <param name="OutputColumn">The column that is made.</param>
/// <param name="InputColumn">The column that is read.</param>
/// <param name="Layers">Layers from the top.</param>
/// <param name="MaximumTokens">The most tokens of a text, special ones included.</param>
/// <param name="LookAheadRows">Rows of a window.</param>
/// <param name="TokensPerBatch">Tokens computed at once, padding included.</param>
/// <param name="MemoryBudget">Bytes of results in memory at most.</param>
/// <param name="Precision">The precision of the matrix products; never Auto.</param>
/// <param name="Folder">The model folder; its name alone where the weights are in the zip.</param>
/// <param name="Hash">SHA-256 over the files of the model.</param>
/// <param name="Separator">What a vector's texts are joined by.</param>
/// <param name="StoresWeights">Whether the encoder's files follow, as entries of their own: see <see cref="SavedEncoder"/>.</param>
internal sealed record SavedEncoderLayers(
    string OutputColumn,
    string InputColumn,
    int Layers,
    int MaximumTokens,
    int LookAheadRows,
    int TokensPerBatch,
    long MemoryBudget,
    ComputePrecision Precision,
    string Folder,
    byte[] Hash,
    string Separator,
    bool StoresWeights
)
{
    public const string LoaderSignature = "EncoderLayers";

    /// <summary>The version that is written. 1 had no separator.</summary>
    public const uint Latest = 0x00010002;

    private const uint WithSeparator = 0x00010002;

    /// <summary>The format's version as it stands in ML.NET's header.</summary>
    public static VersionInfo Version =>
        new(
            modelSignature: "ENCLAYER",
            verWrittenCur: Latest,
            verReadableCur: Latest,
            verWeCanReadBack: 0x00010001,
            loaderSignature: LoaderSignature,
            loaderAssemblyName: typeof(EncoderLayersTransformer).Assembly.FullName
        );

    /// <summary>Writes header and settings, in the order of the parameters; the hash with its length before it.</summary>
    public void Write(ModelSaveContext ctx)
    {
        ModelEntries.Begin(ctx, Version);
        ctx.SaveNonEmptyString(OutputColumn);
        ctx.SaveNonEmptyString(InputColumn);
        ctx.Writer.Write(Layers);
        ctx.Writer.Write(MaximumTokens);
        ctx.Writer.Write(LookAheadRows);
        ctx.Writer.Write(TokensPerBatch);
        ctx.Writer.Write(MemoryBudget);
        ctx.Writer.Write((int)Precision);
        ctx.SaveNonEmptyString(Folder);
        ctx.Writer.Write(Hash.Length);
        ctx.Writer.Write(Hash);
        ctx.SaveString(Separator);
        ctx.Writer.Write(StoresWeights);
    }

    /// <summary>Reads what <see cref="Write"/> wrote, or a version before it.</summary>
    /// <exception cref="InvalidDataException">The precision or the hash is none.</exception>
    public static SavedEncoderLayers Read(ModelLoadContext ctx)
    {
        var saved = new SavedEncoderLayers(
            ctx.LoadNonEmptyString(),
            ctx.LoadNonEmptyString(),
            ctx.Reader.ReadInt32(),
            ctx.Reader.ReadInt32(),
            ctx.Reader.ReadInt32(),
            ctx.Reader.ReadInt32(),
            ctx.Reader.ReadInt64(),
            (ComputePrecision)ctx.Reader.ReadInt32(),
            ctx.LoadNonEmptyString(),
            ReadHash(ctx.Reader),
            ctx.Header.ModelVerWritten < WithSeparator ? TextColumn.DefaultSeparator : ctx.LoadStringOrNull() ?? "",
            ctx.Reader.ReadBoolean()
        );
        return Enum.IsDefined(saved.Precision)
            ? saved
            : throw new InvalidDataException($"Precision: expected a defined value, found {saved.Precision}.");
    }

    private static byte[] ReadHash(BinaryReader reader)
    {
        int length = reader.ReadInt32();
        return length == SHA256.HashSizeInBytes
            ? reader.ReadBytes(length)
            : throw new InvalidDataException($"expected a hash of the encoder, found one of {length} bytes.");
    }
}

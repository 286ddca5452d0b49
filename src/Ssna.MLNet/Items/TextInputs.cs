using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Tokenization;
using static TorchSharp.torch;

namespace Ssna.MLNet.Items;

/// <summary>The tokens of items' texts: (v, T), int32, filled up with <see cref="NoToken"/>.</summary>
/// <param name="Column">The column of text, or of several texts, which are joined by a space.</param>
/// <param name="MaximumTokens">The most tokens of a text, special ones included; longer texts are cut.</param>
/// <param name="Tokenizer">The tokenizer's files by name.</param>
internal sealed record TextInputs(string Column, int MaximumTokens, IReadOnlyDictionary<string, byte[]> Tokenizer)
    : ItemInputs
{
    /// <summary>What fills up a row of token ids behind its last one.</summary>
    public const int NoToken = -1;

    private EncoderTokenizer? _tokenizer;

    /// <summary>The files, for who writes them.</summary>
    [JsonIgnore]
    public TokenizerFiles Files => new(Tokenizer, "the encoder's tokenizer");

    /// <summary>Whether both read the same column, by tokenizers of the same files.</summary>
    public bool Equals(TextInputs? other) =>
        other is not null
        && Column == other.Column
        && MaximumTokens == other.MaximumTokens
        && AreEqual(Tokenizer, other.Tokenizer);

    /// <summary>Whether both tokenizers have the same files, but for the tokenizer.json that is made of the others.</summary>
    public bool HasTokenizerOf(TextInputs other) =>
        AreEqual(Tokenizer, other.Tokenizer) || AreEqual(Files.WithWhole(), other.Files.WithWhole());

    private static bool AreEqual(IReadOnlyDictionary<string, byte[]> one, IReadOnlyDictionary<string, byte[]> other) =>
        one.Count == other.Count
        && one.All(file =>
            other.TryGetValue(file.Key, out byte[]? content) && file.Value.AsSpan().SequenceEqual(content)
        );

    public override int GetHashCode() => HashCode.Combine(Column, MaximumTokens, Tokenizer.Count);

    public override bool AreIn(DataViewSchema items) => items.GetColumnOrNull(Column) is not null;

    public override void CheckColumns(IExceptionContext context, SchemaShape items) =>
        TextColumn.Require(context, items, Column);

    public override ItemTable Read(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        RunContext run,
        PrimitiveDataViewType? idType = null,
        Ranks? ranks = null
    )
    {
        ranks ??= Ranks.One;
        DataViewSchema.Column textColumn = TextColumn.Require(context, items.Schema, Column);
        EncoderTokenizer tokenizer = _tokenizer ??= EncoderTokenizer.Create(Files);
        using var rows = new ItemRows(context, items, itemColumn, idType, run, textColumn);
        Func<string> readText = TextColumn.CreateReader(rows.Row, textColumn, TextColumn.DefaultSeparator);
        var held = new List<int[]>();
        using var hash = new ItemsHash();
        while (rows.MoveNext())
        {
            int[] tokens = tokenizer.Encode(readText(), MaximumTokens, out _);
            hash.Add<int>(tokens);
            if (ranks.HolderOf(rows.Ids.Count - 1) == ranks.Rank)
            {
                held.Add(tokens);
            }
        }
        RequireRows(context, rows.Ids, $"Item columns '{itemColumn}' and '{Column}'");
        return new ItemTable(rows.Ids, new HeldItems(ToTensor(held), rows.Ids.Count, ranks, hash.Finish()));
    }

    private static Tensor ToTensor(List<int[]> rows)
    {
        int longest = rows.Select(row => row.Length).DefaultIfEmpty(1).Max();
        Tensor tokens = TensorArithmetic
            .Filled([rows.Count, longest], NoToken, ScalarType.Int32)
            .DetachFromDisposeScope(); // (V, T)
        Span<int> all = MemoryMarshal.Cast<byte, int>(tokens.bytes);
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].CopyTo(all[(i * longest)..]);
        }
        return tokens;
    }
}

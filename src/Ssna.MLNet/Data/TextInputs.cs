using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Model.Items;
using Ssna.MLNet.Tokenization;
using static TorchSharp.torch;

namespace Ssna.MLNet.Data;

/// <summary>The tokens of items' texts: (V, T), int32, filled up with <see cref="TextItemEncoder.NoToken"/>.</summary>
/// <param name="Column">The column of text.</param>
/// <param name="MaximumTokens">The most tokens of a text, special ones included; longer texts are cut.</param>
/// <param name="Tokenizer">The tokenizer's files by name.</param>
internal sealed record TextInputs(string Column, int MaximumTokens, IReadOnlyDictionary<string, byte[]> Tokenizer)
    : ItemInputs
{
    private EncoderTokenizer? _tokenizer;

    /// <summary>The files, for who writes them.</summary>
    [JsonIgnore]
    public TokenizerFiles Files => new(Tokenizer, "the encoder's tokenizer");

    /// <summary>Whether both read the same column, by tokenizers of the same content.</summary>
    public bool Equals(TextInputs? other) =>
        other is not null
        && Column == other.Column
        && MaximumTokens == other.MaximumTokens
        && Tokenizer.Count == other.Tokenizer.Count
        && Tokenizer.All(file =>
            other.Tokenizer.TryGetValue(file.Key, out byte[]? content) && file.Value.AsSpan().SequenceEqual(content)
        );

    public override int GetHashCode() => HashCode.Combine(Column, MaximumTokens, Tokenizer.Count);

    public override bool AreIn(DataViewSchema items) => items.GetColumnOrNull(Column) is not null;

    public override void CheckColumns(IExceptionContext context, SchemaShape items) =>
        SchemaChecks.Require(
            context,
            items,
            "text",
            Column,
            column =>
                column.Kind == SchemaShape.Column.VectorKind.Scalar && column.ItemType == TextDataViewType.Instance,
            "a text"
        );

    public override ItemTable Read(
        IExceptionContext context,
        IDataView items,
        string itemColumn,
        Action checkAlive,
        PrimitiveDataViewType? idType = null
    )
    {
        DataViewSchema.Column textColumn = SchemaChecks.Require(
            context,
            items.Schema,
            "text",
            Column,
            type => type == TextDataViewType.Instance,
            "a text"
        );
        EncoderTokenizer tokenizer = _tokenizer ??= EncoderTokenizer.Create(Files);
        using var rows = new ItemRows(items, itemColumn, idType, checkAlive, textColumn);
        ValueGetter<ReadOnlyMemory<char>> text = rows.GetGetter<ReadOnlyMemory<char>>(textColumn);
        var tokens = new List<int[]>();
        ReadOnlyMemory<char> value = default;
        while (rows.MoveNext())
        {
            text(ref value);
            tokens.Add(tokenizer.Encode(value.ToString(), MaximumTokens, out _));
        }
        RequireRows(context, rows.Ids, $"Item columns '{itemColumn}' and '{Column}'");
        return new ItemTable(rows.Ids, ToTensor(tokens));
    }

    private static Tensor ToTensor(List<int[]> rows)
    {
        int longest = rows.Max(row => row.Length);
        Tensor tokens = full(rows.Count, longest, TextItemEncoder.NoToken, ScalarType.Int32).DetachFromDisposeScope(); // (V, T)
        Span<int> all = MemoryMarshal.Cast<byte, int>(tokens.bytes);
        for (int i = 0; i < rows.Count; i++)
        {
            rows[i].CopyTo(all[(i * longest)..]);
        }
        return tokens;
    }
}

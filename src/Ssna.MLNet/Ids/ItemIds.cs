using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Ids;

/// <summary>
/// The distinct ids of a catalogue's items (or of users) in the order of their indexes, in their own type: text or any
/// integer. Key columns stand for their key values, so a model needs no key mapping to travel with it.
/// </summary>
internal abstract class ItemIds
{
    /// <summary>What look-ups return for an id that the table does not hold.</summary>
    public const int Unknown = -1;

    /// <summary>What they return for a missing id: an empty text or a missing key.</summary>
    public const int Missing = -2;

    /// <summary>The number of ids.</summary>
    public abstract int Count { get; }

    /// <summary>The type of one id: text, or one of ML.NET's integer types.</summary>
    public abstract PrimitiveDataViewType Type { get; }

    /// <summary>An empty table for ids of <paramref name="type"/>, which is text or an integer type.</summary>
    public static ItemIds Create(PrimitiveDataViewType type) =>
        type is TextDataViewType ? new TextItemIds() : IntegerTypes.Visit<ItemIds, EmptyTable>(type.RawType, default);

    /// <summary>Whether values of this kind can be ids.</summary>
    public static bool CanHold(InternalDataKind kind) =>
        kind == InternalDataKind.TX || (kind is >= InternalDataKind.I1 and <= InternalDataKind.U8);

    /// <summary>What reads a column of ids of this table's type, or of keys that stand for them.</summary>
    /// <param name="row">The row, or the cursor.</param>
    /// <param name="column">The column, whose type has been checked.</param>
    /// <param name="add">Whether new ids are added.</param>
    public abstract IdReader CreateReader(DataViewRow row, DataViewSchema.Column column, bool add);

    /// <summary>A <c>ValueGetter&lt;VBuffer&lt;id&gt;&gt;</c> of the ids whose indexes <paramref name="indexes"/> gives.</summary>
    public abstract Delegate CreateSequenceGetter(SequenceReader indexes);

    /// <summary>A <c>ValueGetter&lt;id&gt;</c> of the id whose index <paramref name="index"/> gives.</summary>
    public abstract Delegate CreateItemGetter(Func<int> index);

    /// <summary>The id at <paramref name="index"/> as text.</summary>
    public abstract ReadOnlyMemory<char> TextOf(int index);

    /// <summary>The id at <paramref name="index"/> as a string.</summary>
    public string ToText(int index) => TextOf(index).ToString();

    /// <summary>The getter of a slot-name annotation that names each slot by its id.</summary>
    public ValueGetter<VBuffer<ReadOnlyMemory<char>>> CreateSlotNamesGetter()
    {
        ReadOnlyMemory<char>[]? texts = null;
        return (ref VBuffer<ReadOnlyMemory<char>> value) =>
        {
            if (texts is null)
            {
                var made = new ReadOnlyMemory<char>[Count];
                for (int i = 0; i < made.Length; i++)
                {
                    made[i] = TextOf(i);
                }
                texts = made;
            }
            VBufferEditor<ReadOnlyMemory<char>> editor = VBufferEditor.Create(ref value, texts.Length);
            texts.CopyTo(editor.Values);
            value = editor.Commit();
        };
    }

    /// <summary>
    /// These ids, and behind them those of <paramref name="added"/> that are new; <paramref name="positions"/> gives the index
    /// of every id of <paramref name="added"/> in the result.
    /// </summary>
    /// <exception cref="ArgumentException">The types differ.</exception>
    public abstract ItemIds With(ItemIds added, out int[] positions);

    /// <summary>These ids but for those at <paramref name="removed"/>; <paramref name="kept"/> gives the indexes of the others.</summary>
    public ItemIds Without(IEnumerable<int> removed, out int[] kept)
    {
        var gone = new bool[Count];
        foreach (int index in removed)
        {
            gone[index] = true;
        }
        kept = [.. Enumerable.Range(0, Count).Where(i => !gone[i])];
        return Select(kept);
    }

    /// <summary>The ids at <paramref name="indexes"/>, which are distinct.</summary>
    public abstract ItemIds Select(ReadOnlySpan<int> indexes);

    /// <summary>Writes the table.</summary>
    public void Save(BinaryWriter writer)
    {
        writer.Write((byte)Type.GetRawKind());
        writer.Write(Count);
        SaveIds(writer);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">The data is damaged.</exception>
    public static ItemIds Load(BinaryReader reader)
    {
        try
        {
            int kind = reader.ReadByte();
            if (!CanHold((InternalDataKind)kind))
            {
                throw Contracts.ExceptDecode($"Item ids are damaged: expected the kind of an id, found {kind}.");
            }
            ItemIds ids = Create(ColumnTypeExtensions.PrimitiveTypeFromKind((InternalDataKind)kind));
            int count = reader.ReadInt32();
            ids.LoadIds(reader, count);
            if (count < 0 || ids.Count != count)
            {
                throw Contracts.ExceptDecode(
                    $"Item ids are damaged: expected {count} distinct ids, found {ids.Count}."
                );
            }
            return ids;
        }
        catch (EndOfStreamException)
        {
            throw Contracts.ExceptDecode("Item ids are damaged: the data ends too soon.");
        }
    }

    /// <summary>Writes the ids, whose number is known.</summary>
    protected abstract void SaveIds(BinaryWriter writer);

    /// <summary>Adds the distinct ones of <paramref name="count"/> ids.</summary>
    protected abstract void LoadIds(BinaryReader reader, int count);

    private readonly struct EmptyTable : IIntegerVisitor<ItemIds>
    {
        public ItemIds Visit<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => new IntegerItemIds<T>();
    }
}

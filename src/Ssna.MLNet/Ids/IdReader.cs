using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Ids;

/// <summary>The indexes of the current row's ids in a table of ids; the memory is used again by the next call.</summary>
internal delegate ReadOnlySpan<int> SequenceReader();

/// <summary>Reads a column of ids as indexes of a table of the same type: see <see cref="IdColumn"/>, which makes it.</summary>
internal abstract class IdReader
{
    /// <summary>The reader of a scalar.</summary>
    public abstract Func<int> Item();

    /// <summary>The reader of a vector.</summary>
    public abstract SequenceReader Sequence();
}

/// <summary>Reads ids of type <typeparamref name="T"/>, and keys that stand for them.</summary>
/// <param name="ids">The table.</param>
/// <param name="row">The row, or the cursor.</param>
/// <param name="column">The column in it.</param>
/// <param name="add">Whether new ids are added.</param>
internal sealed class IdReader<T>(ItemIds<T> ids, DataViewRow row, DataViewSchema.Column column, bool add)
    : IdReader,
        IIntegerVisitor<Func<int>>,
        IIntegerVisitor<SequenceReader>
{
    private Func<T, int> IndexOf => add ? ids.FindOrAdd : ids.Find;

    public override Func<int> Item() =>
        column.Type is KeyDataViewType key
            ? IntegerTypes.Visit<Func<int>, IdReader<T>>(key.RawType, this)
            : Item(IndexOf);

    public override SequenceReader Sequence() =>
        column.Type.GetItemType() is KeyDataViewType key
            ? IntegerTypes.Visit<SequenceReader, IdReader<T>>(key.RawType, this)
            : Sequence(IndexOf);

    Func<int> IIntegerVisitor<Func<int>>.Visit<TKey>() => Item(IndexOfKey<TKey>());

    SequenceReader IIntegerVisitor<SequenceReader>.Visit<TKey>() => Sequence(IndexOfKey<TKey>());

    private Func<int> Item<TRaw>(Func<TRaw, int> indexOf)
    {
        ValueGetter<TRaw> getter = row.GetGetter<TRaw>(column);
        TRaw value = default!;
        return () =>
        {
            getter(ref value);
            return indexOf(value);
        };
    }

    private SequenceReader Sequence<TRaw>(Func<TRaw, int> indexOf)
    {
        ValueGetter<VBuffer<TRaw>> getter = row.GetGetter<VBuffer<TRaw>>(column);
        VBuffer<TRaw> values = default;
        TRaw[] expanded = [];
        int[] indexes = [];
        return () =>
        {
            getter(ref values);
            if (indexes.Length < values.Length)
            {
                indexes = new int[Math.Max(values.Length, 2 * indexes.Length)];
            }
            ReadOnlySpan<TRaw> raw = values.GetValues();
            if (!values.IsDense)
            {
                Array.Resize(ref expanded, Math.Max(expanded.Length, values.Length));
                values.CopyTo(expanded);
                raw = expanded.AsSpan(0, values.Length);
            }
            int count = 0;
            foreach (TRaw value in raw)
            {
                int index = indexOf(value);
                if (index != ItemIds.Missing)
                {
                    indexes[count++] = index;
                }
            }
            return indexes.AsSpan(0, count);
        };
    }

    /// <summary>What finds keys of a raw type, as their key values where they have them.</summary>
    private Func<TKey, int> IndexOfKey<TKey>()
        where TKey : unmanaged, IBinaryInteger<TKey>, IMinMaxValue<TKey>
    {
        Func<T, int> indexOf = IndexOf;
        if (column.Annotations.Schema.GetColumnOrNull(IdColumn.KeyValues) is null)
        {
            // The column's type was checked: the table's type is the key's raw type.
            return key => TKey.IsZero(key) ? ItemIds.Missing : indexOf((T)(object)key);
        }
        VBuffer<T> buffer = default;
        column.GetKeyValues(ref buffer);
        T[] values = [.. buffer.DenseValues()];
        int[] known = Array.ConvertAll(values, ids.Find);
        return key =>
        {
            if (TKey.IsZero(key))
            {
                return ItemIds.Missing;
            }
            ulong position = ulong.CreateTruncating(key) - 1;
            if (position >= (ulong)known.Length)
            {
                throw new InvalidOperationException(
                    $"Column '{column.Name}': expected keys up to {known.Length}, the number of its key values, found {key}."
                );
            }
            ref int index = ref known[position];
            if (index == ItemIds.Unknown && add)
            {
                index = indexOf(values[position]);
            }
            return index;
        };
    }
}

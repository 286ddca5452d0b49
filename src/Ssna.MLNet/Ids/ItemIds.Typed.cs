using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Ids;

/// <summary>A table of ids of type <typeparamref name="T"/>, with the readers and getters of that type.</summary>
internal abstract class ItemIds<T> : ItemIds
{
    /// <summary>The id at <paramref name="index"/>.</summary>
    public abstract T this[int index] { get; }

    /// <summary>The index of an id, <see cref="ItemIds.Unknown"/>, or <see cref="ItemIds.Missing"/>.</summary>
    public abstract int Find(T id);

    /// <summary>The index of an id, which is added where it is new, or <see cref="ItemIds.Missing"/>.</summary>
    public abstract int FindOrAdd(T id);

    /// <inheritdoc/>
    public override Func<int> CreateItemReader(DataViewRow row, DataViewSchema.Column column, bool add = false)
    {
        IdColumn.Check(column, "item", vector: false, Type);
        return column.Type is KeyDataViewType
            ? IntegerTypes.Visit<Func<int>, KeyReader>(column.Type.RawType, new(this, row, column, add))
            : ReadItem<T>(row, column, add ? FindOrAdd : Find);
    }

    /// <inheritdoc/>
    public override SequenceReader CreateSequenceReader(DataViewRow row, DataViewSchema.Column column, bool add = false)
    {
        IdColumn.Check(column, "sequence", vector: true, Type);
        return column.Type.GetItemType() is KeyDataViewType key
            ? IntegerTypes.Visit<SequenceReader, KeyReader>(key.RawType, new(this, row, column, add))
            : ReadSequence<T>(row, column, add ? FindOrAdd : Find);
    }

    /// <inheritdoc/>
    public override Delegate CreateSequenceGetter(SequenceReader indexes) =>
        (ValueGetter<VBuffer<T>>)(
            (ref VBuffer<T> value) =>
            {
                ReadOnlySpan<int> current = indexes();
                VBufferEditor<T> editor = VBufferEditor.Create(ref value, current.Length);
                for (int i = 0; i < current.Length; i++)
                {
                    editor.Values[i] = this[current[i]];
                }
                value = editor.Commit();
            }
        );

    /// <inheritdoc/>
    public override Delegate CreateItemGetter(Func<int> index) =>
        (ValueGetter<T>)((ref T value) => value = this[index()]);

    /// <inheritdoc/>
    public override ItemIds With(ItemIds added, out int[] positions)
    {
        if (added is not ItemIds<T> same)
        {
            throw new ArgumentException($"Expected ids of type {Type}, found ids of type {added.Type}.", nameof(added));
        }
        var result = (ItemIds<T>)Select([.. Enumerable.Range(0, Count)]);
        positions = new int[same.Count];
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i] = result.FindOrAdd(same[i]);
        }
        return result;
    }

    /// <inheritdoc/>
    public override ItemIds Select(ReadOnlySpan<int> indexes)
    {
        var result = (ItemIds<T>)Create(Type);
        foreach (int index in indexes)
        {
            result.FindOrAdd(this[index]);
        }
        return result;
    }

    protected static Func<int> ReadItem<TRaw>(DataViewRow row, DataViewSchema.Column column, Func<TRaw, int> indexOf)
    {
        ValueGetter<TRaw> getter = row.GetGetter<TRaw>(column);
        TRaw value = default!;
        return () =>
        {
            getter(ref value);
            return indexOf(value);
        };
    }

    protected static SequenceReader ReadSequence<TRaw>(
        DataViewRow row,
        DataViewSchema.Column column,
        Func<TRaw, int> indexOf
    )
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
                if (index != Missing)
                {
                    indexes[count++] = index;
                }
            }
            return indexes.AsSpan(0, count);
        };
    }

    /// <summary>Reads key columns of any raw type, as their key values where they have them.</summary>
    private readonly struct KeyReader(ItemIds<T> ids, DataViewRow row, DataViewSchema.Column column, bool add)
        : IIntegerVisitor<Func<int>>,
            IIntegerVisitor<SequenceReader>
    {
        Func<int> IIntegerVisitor<Func<int>>.Visit<TRaw>() => ReadItem(row, column, IndexOfKey<TRaw>());

        SequenceReader IIntegerVisitor<SequenceReader>.Visit<TRaw>() => ReadSequence(row, column, IndexOfKey<TRaw>());

        private Func<TRaw, int> IndexOfKey<TRaw>()
            where TRaw : unmanaged, IBinaryInteger<TRaw>, IMinMaxValue<TRaw>
        {
            ItemIds<T> table = ids;
            if (column.Annotations.Schema.GetColumnOrNull(AnnotationUtils.Kinds.KeyValues) is null)
            {
                // Type-checked already: the table's type is the key's raw type.
                Func<T, int> indexOf = add ? ids.FindOrAdd : ids.Find;
                return key => TRaw.IsZero(key) ? Missing : indexOf((T)(object)key);
            }
            VBuffer<T> buffer = default;
            column.GetKeyValues(ref buffer);
            T[] values = [.. buffer.DenseValues()];
            var known = new int[values.Length];
            for (int i = 0; i < known.Length; i++)
            {
                known[i] = ids.Find(values[i]);
            }
            bool adds = add;
            string name = column.Name;
            return key =>
            {
                if (TRaw.IsZero(key))
                {
                    return Missing;
                }
                ulong position = ulong.CreateTruncating(key) - 1;
                if (position >= (ulong)known.Length)
                {
                    throw new InvalidOperationException(
                        $"Column '{name}': expected keys up to {known.Length}, the number of its key values, found {key}."
                    );
                }
                ref int index = ref known[position];
                if (index == Unknown && adds)
                {
                    index = table.FindOrAdd(values[position]);
                }
                return index;
            };
        }
    }
}

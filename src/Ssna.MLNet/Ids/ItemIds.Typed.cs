using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Ids;

/// <summary>A table of ids of type <typeparamref name="T"/>, with the getters of that type.</summary>
internal abstract class ItemIds<T> : ItemIds
{
    /// <summary>The id at <paramref name="index"/>.</summary>
    public abstract T this[int index] { get; }

    /// <summary>The index of an id, <see cref="ItemIds.Unknown"/>, or <see cref="ItemIds.Missing"/>.</summary>
    public abstract int Find(T id);

    /// <summary>The index of an id, which is added where it is new, or <see cref="ItemIds.Missing"/>.</summary>
    public abstract int FindOrAdd(T id);

    /// <inheritdoc/>
    public override IdReader CreateReader(DataViewRow row, DataViewSchema.Column column, bool add) =>
        new IdReader<T>(this, row, column, add);

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
}

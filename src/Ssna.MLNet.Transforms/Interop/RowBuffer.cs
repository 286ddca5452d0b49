using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Interop;

/// <summary>The values of one input column for the rows of a block.</summary>
internal abstract class RowBuffer
{
    private static readonly MethodInfo s_createTyped = typeof(RowBuffer).GetMethod(
        nameof(CreateTyped),
        BindingFlags.NonPublic | BindingFlags.Static
    )!;

    private static readonly MethodInfo s_copyVector = typeof(RowBuffer).GetMethod(
        nameof(CopyVector),
        BindingFlags.NonPublic | BindingFlags.Static
    )!;

    /// <summary>A buffer of the column's own type.</summary>
    /// <param name="input">The row read from.</param>
    /// <param name="column">An active column of it.</param>
    /// <param name="maximumRows">Rows of a block at most.</param>
    public static RowBuffer Create(DataViewRow input, DataViewSchema.Column column, int maximumRows) =>
        (RowBuffer)
            s_createTyped
                .MakeGenericMethod(column.Type.RawType)
                .Invoke(null, BindingFlags.DoNotWrapExceptions, null, [input, column, maximumRows], null)!;

    /// <summary>A buffer of what <paramref name="getter"/> gives.</summary>
    public static RowBuffer<TValue> Create<TValue>(ValueGetter<TValue> getter, int maximumRows) =>
        new(getter, Copy, maximumRows, keepsMemory: false);

    /// <summary>Takes the value of the input's present row as that of <paramref name="row"/> of the block.</summary>
    public abstract void Read(int row);

    private static RowBuffer<TValue> CreateTyped<TValue>(
        DataViewRow input,
        DataViewSchema.Column column,
        int maximumRows
    )
    {
        ValueGetter<TValue> getter = input.GetGetter<TValue>(column);
        if (column.Type is not VectorDataViewType vector)
        {
            return Create(getter, maximumRows);
        }
        // A vector's memory stays with its row of the buffer, so that the next block needs none of its own.
        var copy = s_copyVector.MakeGenericMethod(vector.ItemType.RawType).CreateDelegate<RowBuffer<TValue>.Copier>();
        return new RowBuffer<TValue>(getter, copy, maximumRows, keepsMemory: true);
    }

    private static void Copy<TValue>(in TValue source, ref TValue destination) => destination = source;

    private static void CopyVector<TItem>(in VBuffer<TItem> source, ref VBuffer<TItem> destination) =>
        source.CopyTo(ref destination);
}

/// <inheritdoc cref="RowBuffer"/>
internal sealed class RowBuffer<TValue>(
    ValueGetter<TValue> getter,
    RowBuffer<TValue>.Copier copy,
    int maximumRows,
    bool keepsMemory
) : RowBuffer
{
    private const int FirstRows = 64;

    private TValue[] _values = new TValue[Math.Min(FirstRows, maximumRows)];

    /// <summary>Copies a value such that neither side sees later changes of the other.</summary>
    public delegate void Copier(in TValue source, ref TValue destination);

    public TValue this[int row] => _values[row];

    public override void Read(int row)
    {
        if (row == _values.Length)
        {
            Array.Resize(ref _values, Math.Min(2 * row, maximumRows));
        }
        if (!keepsMemory)
        {
            // Values of other types (images, objects of the user's) may be shared with a reader, who keeps them longer.
            _values[row] = default!;
        }
        getter(ref _values[row]);
    }

    /// <summary>Gives a reader its own copy of the value of <paramref name="row"/>.</summary>
    public void CopyTo(int row, ref TValue value) => copy(in _values[row], ref value);
}

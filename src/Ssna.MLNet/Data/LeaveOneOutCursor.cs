using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Data;

/// <summary>The cursor of <see cref="LeaveOneOutView"/>, over sequences of type <typeparamref name="T"/>.</summary>
internal sealed class LeaveOneOutCursor<T> : DataViewRowCursor
{
    private readonly DataViewSchema schema;
    private readonly DataViewRowCursor input;
    private readonly int sequence;
    private readonly int label;
    private readonly bool[] active;
    private readonly ValueGetter<VBuffer<T>>? getItems;
    private VBuffer<T> items;
    private long itemsPosition = -1; // the input's position that they were read at
    private long position = -1;

    public LeaveOneOutCursor(DataViewSchema schema, DataViewRowCursor input, int sequence, int label, bool[] active)
    {
        this.schema = schema;
        this.input = input;
        this.sequence = sequence;
        this.label = label;
        this.active = active;
        if (label >= 0 || active[sequence])
        {
            getItems = input.GetGetter<VBuffer<T>>(input.Schema[sequence]);
        }
    }

    public override DataViewSchema Schema => schema;

    public override long Position => position;

    public override long Batch => input.Batch;

    public override bool MoveNext()
    {
        while (input.MoveNext())
        {
            if (label < 0 || Items().Length >= 2)
            {
                position++;
                return true;
            }
        }
        position = -1;
        return false;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        column.Index < active.Length && active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetters.CheckActive(active, column);
        if (column.Index == sequence)
        {
            return ColumnGetters.Cast<ValueGetter<TValue>, TValue>((ValueGetter<VBuffer<T>>)GetSequence, column);
        }
        if (column.Index == label)
        {
            return ColumnGetters.Cast<ValueGetter<TValue>, TValue>((ValueGetter<T>)GetLabel, column);
        }
        return input.GetGetter<TValue>(input.Schema[column.Index]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            position = -1;
            input.Dispose();
        }
        base.Dispose(disposing);
    }

    private ref readonly VBuffer<T> Items()
    {
        if (itemsPosition != input.Position || itemsPosition < 0)
        {
            getItems!(ref items); // which throws where the input has no current row
            itemsPosition = input.Position;
        }
        return ref items;
    }

    private void GetSequence(ref VBuffer<T> value)
    {
        ref readonly VBuffer<T> all = ref Items();
        int length = label < 0 && all.Length < 2 ? all.Length : all.Length - 1;
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, length);
        if (all.IsDense)
        {
            all.GetValues()[..length].CopyTo(editor.Values);
        }
        else
        {
            editor.Values.Clear();
            foreach (KeyValuePair<int, T> item in all.Items())
            {
                if (item.Key < length)
                {
                    editor.Values[item.Key] = item.Value;
                }
            }
        }
        value = editor.Commit();
    }

    private void GetLabel(ref T value)
    {
        ref readonly VBuffer<T> all = ref Items();
        value = all.GetItemOrDefault(all.Length - 1);
    }
}

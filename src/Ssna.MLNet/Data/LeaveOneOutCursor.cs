using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Data;

/// <summary>The cursor of <see cref="LeaveOneOutView"/>, over sequences of type <typeparamref name="T"/>.</summary>
internal sealed class LeaveOneOutCursor<T> : DataViewRowCursor
{
    private readonly DataViewSchema _schema;
    private readonly DataViewRowCursor _input;
    private readonly int _sequence;
    private readonly int _label;
    private readonly bool[] _active;
    private readonly ValueGetter<VBuffer<T>>? _getItems;
    private VBuffer<T> _items;
    private long _itemsPosition = -1; // the input's position that they were read at
    private long _position = -1;

    public LeaveOneOutCursor(DataViewSchema schema, DataViewRowCursor input, int sequence, int label, bool[] active)
    {
        _schema = schema;
        _input = input;
        _sequence = sequence;
        _label = label;
        _active = active;
        if (_label >= 0 || _active[_sequence])
        {
            _getItems = _input.GetGetter<VBuffer<T>>(_input.Schema[_sequence]);
        }
    }

    public override DataViewSchema Schema => _schema;

    public override long Position => _position;

    public override long Batch => _input.Batch;

    public override bool MoveNext()
    {
        while (_input.MoveNext())
        {
            if (_label < 0 || Items().Length >= 2)
            {
                _position++;
                return true;
            }
        }
        _position = -1;
        return false;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        column.Index < _active.Length && _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetters.CheckActive(_active, column);
        if (column.Index == _sequence)
        {
            return ColumnGetters.Cast<ValueGetter<TValue>, TValue>((ValueGetter<VBuffer<T>>)GetSequence, column);
        }
        if (column.Index == _label)
        {
            return ColumnGetters.Cast<ValueGetter<TValue>, TValue>((ValueGetter<T>)GetLabel, column);
        }
        return _input.GetGetter<TValue>(_input.Schema[column.Index]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _position = -1;
            _input.Dispose();
        }
        base.Dispose(disposing);
    }

    private ref readonly VBuffer<T> Items()
    {
        if (_itemsPosition != _input.Position || _itemsPosition < 0)
        {
            _getItems!(ref _items); // which throws where the input has no current row
            _itemsPosition = _input.Position;
        }
        return ref _items;
    }

    private void GetSequence(ref VBuffer<T> value)
    {
        ref readonly VBuffer<T> all = ref Items();
        int length = _label < 0 && all.Length < 2 ? all.Length : all.Length - 1;
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

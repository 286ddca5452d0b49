using Microsoft.ML;
using Microsoft.ML.Data;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Sequences;

/// <summary>The cursor of <see cref="LeaveOneOutView"/>, over sequences of type <typeparamref name="T"/>.</summary>
/// <remarks>
/// Empty texts and missing keys are padding, as everywhere: no items. Other values all are items, and so are an integer's zeros.
/// </remarks>
internal sealed class LeaveOneOutCursor<T> : DataViewRowCursor
{
    private readonly DataViewSchema _schema;
    private readonly DataViewRowCursor _input;
    private readonly int _sequence;
    private readonly int _label;
    private readonly bool[] _active;
    private readonly ValueGetter<VBuffer<T>>? _getItems;
    private readonly Predicate<T>? _isPadding;
    private VBuffer<T> _items;
    private int _last; // the place of the last item, or -1
    private int _length; // what stays before it, up to the last item but one; 0 where there is none
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
        _isPadding = ((VectorDataViewType)input.Schema[sequence].Type).ItemType switch
        {
            KeyDataViewType => static key => EqualityComparer<T>.Default.Equals(key, default),
            TextDataViewType => (Predicate<T>)(object)(Predicate<ReadOnlyMemory<char>>)(static text => text.IsEmpty),
            _ => null,
        };
    }

    public override DataViewSchema Schema => _schema;

    public override long Position => _position;

    public override long Batch => _input.Batch;

    public override bool MoveNext()
    {
        while (_input.MoveNext())
        {
            if (_label >= 0)
            {
                Read();
                if (_length == 0)
                {
                    continue;
                }
            }
            _position++;
            return true;
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

    // The current row's sequence, and where it is split.
    private void Read()
    {
        if (_itemsPosition != _input.Position || _itemsPosition < 0)
        {
            _getItems!(ref _items); // which throws where the input has no current row
            _itemsPosition = _input.Position;
            _last = LastItem(_items.Length);
            _length = LastItem(_last) + 1;
        }
    }

    // The place of the last item before another place, or -1.
    private int LastItem(int before)
    {
        int place = before - 1;
        while (place >= 0 && _isPadding is not null && _isPadding(_items.GetItemOrDefault(place)))
        {
            place--;
        }
        return Math.Max(place, -1);
    }

    private void GetSequence(ref VBuffer<T> value)
    {
        Read();
        int length = _length == 0 ? _items.Length : _length; // nothing to take off where there are not two items
        VBufferEditor<T> editor = VBufferEditor.Create(ref value, length);
        if (_items.IsDense)
        {
            _items.GetValues()[..length].CopyTo(editor.Values);
        }
        else
        {
            editor.Values.Clear();
            foreach (KeyValuePair<int, T> item in _items.Items())
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
        Read();
        value = _items.GetItemOrDefault(_last);
    }
}

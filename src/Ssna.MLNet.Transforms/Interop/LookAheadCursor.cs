using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>
/// A cursor that reads a block of input rows ahead, keeps what of them is asked for, and serves them one by one beside
/// the outputs that are computed for the block as a whole. The input is read once.
/// </summary>
internal sealed class LookAheadCursor : DataViewRowCursor
{
    /// <summary>How many rows are read between two looks at cancellation.</summary>
    private const int RowsBetweenChecks = 64;

    private readonly BlockMapper _mapper;
    private readonly DataViewRowCursor _input;
    private readonly bool[] _active;
    private readonly BlockComputation _computation;
    private readonly RowBuffer?[] _columns;
    private readonly RowBuffer _ids;
    private readonly RowBuffer _batches;
    private long _position = -1;
    private int _row = -1;
    private int _count;
    private bool _inputEnded;
    private bool _disposed;

    public LookAheadCursor(BlockMapper mapper, DataViewRowCursor input, bool[] active)
    {
        _mapper = mapper;
        _input = input;
        _active = active;
        int inputs = mapper.InputSchema.Count;
        _columns = new RowBuffer?[inputs];
        for (int i = 0; i < inputs; i++)
        {
            _columns[i] = active[i] ? RowBuffer.Create(input, input.Schema[i], mapper.LookAheadRows) : null;
        }
        _ids = RowBuffer.Create(input.GetIdGetter(), mapper.LookAheadRows);
        _batches = RowBuffer.Create((ref long batch) => batch = input.Batch, mapper.LookAheadRows);
        _computation = mapper.Start(input, active);
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _position;

    public override long Batch => _row < 0 ? 0 : ((RowBuffer<long>)_batches)[_row];

    public override bool MoveNext()
    {
        if (_disposed || (_row + 1 >= _count && !ReadBlock()))
        {
            _position = -1;
            _row = -1;
            _count = 0;
            return false;
        }
        _row++;
        _position++;
        _computation.Row = _row;
        return true;
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => Serve((RowBuffer<DataViewRowId>)_ids);

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        column.Index < _active.Length && _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetters.CheckActive(_active, column);
        int output = column.Index - _mapper.InputSchema.Count;
        if (output < 0)
        {
            return Serve(ColumnGetters.Cast<RowBuffer<TValue>, TValue>(_columns[column.Index]!, column));
        }
        ValueGetter<TValue> getter = ColumnGetters.Cast<ValueGetter<TValue>, TValue>(
            _computation.CreateGetter(output),
            column
        );
        return (ref TValue value) =>
        {
            CheckGood();
            getter(ref value);
        };
    }

    private ValueGetter<TValue> Serve<TValue>(RowBuffer<TValue> buffer) =>
        (ref TValue value) =>
        {
            CheckGood();
            buffer.CopyTo(_row, ref value);
        };

    private void CheckGood()
    {
        if (_row < 0)
        {
            throw Contracts.Except(
                "The cursor has no current row: call MoveNext, and read values only where it is true."
            );
        }
    }

    private bool ReadBlock()
    {
        _count = 0;
        _row = -1;
        _computation.Begin();
        while (!_inputEnded && _count < _mapper.LookAheadRows)
        {
            if (_count % RowsBetweenChecks == 0)
            {
                _mapper.CheckAlive(_computation);
            }
            if (!_input.MoveNext())
            {
                _inputEnded = true;
                break;
            }
            foreach (RowBuffer? column in _columns)
            {
                column?.Read(_count);
            }
            _ids.Read(_count);
            _batches.Read(_count);
            _computation.Gather();
            _count++;
        }
        return _count > 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _position = -1;
            _row = -1;
            _computation.Dispose();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }
}

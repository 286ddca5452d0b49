using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ssna.MLNet.Interop;

/// <summary>A row with a mapper's outputs added, computed as a block of one whenever the input row has moved on.</summary>
internal sealed class BlockRow : DataViewRow
{
    private readonly BlockMapper _mapper;
    private readonly DataViewRow _input;
    private readonly bool[] _active;
    private readonly BlockComputation? _computation;
    private long _computed = -1;

    public BlockRow(BlockMapper mapper, DataViewRow input, bool[] active)
    {
        _mapper = mapper;
        _input = input;
        _active = active;
        _computation = mapper.AnyOutput(active) ? mapper.Start(input, active) : null;
    }

    public override DataViewSchema Schema => _mapper.OutputSchema;

    public override long Position => _input.Position;

    public override long Batch => _input.Batch;

    public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

    public override bool IsColumnActive(DataViewSchema.Column column) =>
        column.Index < _active.Length && _active[column.Index];

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        ColumnGetters.CheckActive(_active, column);
        int output = column.Index - _mapper.InputSchema.Count;
        if (output < 0)
        {
            return _input.GetGetter<TValue>(_input.Schema[column.Index]);
        }
        ValueGetter<TValue> getter = ColumnGetters.Cast<ValueGetter<TValue>, TValue>(
            _computation!.CreateGetter(output),
            column
        );
        return (ref TValue value) =>
        {
            Refresh();
            getter(ref value);
        };
    }

    private void Refresh()
    {
        _mapper.CheckOpen();
        if (_computed == _input.Position && _computed >= 0)
        {
            return;
        }
        _mapper.CheckAlive(_computation!);
        _computation!.Begin();
        _computation.Gather();
        _computation.Row = 0;
        _computed = _input.Position;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _computation?.Dispose();
            _input.Dispose();
        }
        base.Dispose(disposing);
    }
}

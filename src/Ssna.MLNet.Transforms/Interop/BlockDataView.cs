using Microsoft.ML;

namespace Ssna.MLNet.Interop;

/// <summary>A data view with a <see cref="BlockMapper"/>'s outputs added; its cursors read blocks of rows ahead.</summary>
internal sealed class BlockDataView(BlockMapper mapper, IDataView source) : IDataView
{
    public bool CanShuffle => source.CanShuffle;

    public DataViewSchema Schema => mapper.OutputSchema;

    public long? GetRowCount() => source.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = mapper.ActiveColumns(columnsNeeded);
        return Wrap(source.GetRowCursor(Dependencies(active), rand), active);
    }

    public DataViewRowCursor[] GetRowCursorSet(
        IEnumerable<DataViewSchema.Column> columnsNeeded,
        int n,
        Random? rand = null
    )
    {
        bool[] active = mapper.ActiveColumns(columnsNeeded);
        return Array.ConvertAll(source.GetRowCursorSet(Dependencies(active), n, rand), cursor => Wrap(cursor, active));
    }

    private IEnumerable<DataViewSchema.Column> Dependencies(bool[] active) =>
        mapper.GetDependencies(Schema.Where(column => active[column.Index]));

    // Where no output is asked for nothing has to be read ahead.
    private DataViewRowCursor Wrap(DataViewRowCursor input, bool[] active) =>
        mapper.AnyOutput(active)
            ? new LookAheadCursor(mapper, input, active)
            : new ForwardingCursor(mapper, input, active);
}

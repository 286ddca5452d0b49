using Ssna.MLNet.Data;

namespace Ssna.MLNet.Interop;

/// <summary>Gathers the sequences of a block of rows.</summary>
internal abstract class HistoryComputation(HistoryReader reader) : BlockComputation
{
    private readonly SequenceSetBuilder _histories = new();

    /// <summary>The sequences of the block.</summary>
    protected SequenceSet Histories() => _histories.ToSet();

    protected override void Clear() => _histories.Clear();

    protected override void GatherRow(int row) => _histories.Add(reader.Read());

    public override void Dispose()
    {
        reader.Dispose();
        base.Dispose();
    }
}

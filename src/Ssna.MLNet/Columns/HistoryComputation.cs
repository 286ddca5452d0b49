using Microsoft.ML.Runtime;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Columns;

/// <summary>Gathers the sequences of a block of rows, and says at the end of the cursor what was unknown in them.</summary>
/// <param name="host">Where it is said.</param>
/// <param name="reader">Reads the current row's sequence.</param>
internal abstract class HistoryComputation(IHost host, KnownItems reader) : BlockComputation
{
    private readonly SequenceSetBuilder _histories = new();

    /// <summary>The sequences of the block.</summary>
    protected SequenceSet Histories() => _histories.ToSet();

    protected override void Clear() => _histories.Clear();

    protected override void GatherRow(int row) => _histories.Add(reader.Read());

    public override void Dispose()
    {
        if (reader.Unknown > 0)
        {
            using IChannel channel = host.Start("Reading sequences");
            reader.Report(channel);
        }
        base.Dispose();
    }
}

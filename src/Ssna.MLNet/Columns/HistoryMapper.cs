using Microsoft.ML;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Sequences;

namespace Ssna.MLNet.Columns;

/// <summary>Adds columns computed from a column of sequences.</summary>
/// <param name="host">The transformer's host.</param>
/// <param name="inputSchema">The schema that is bound.</param>
/// <param name="sequence">The column of sequences in it.</param>
/// <param name="outputs">The columns added.</param>
/// <param name="ids">The catalogue.</param>
/// <param name="memory">The transformer's native memory.</param>
/// <param name="create">Makes the computation of one cursor.</param>
internal sealed class HistoryMapper(
    IHost host,
    DataViewSchema inputSchema,
    IdColumn sequence,
    IReadOnlyList<OutputColumn> outputs,
    ItemIds ids,
    Lifetime memory,
    Func<KnownItems, HistoryComputation> create
) : BlockMapper(host, inputSchema, outputs, LookAhead, memory)
{
    /// <summary>Users whose sequences go through the model together: enough for full-speed products, few megabytes.</summary>
    private const int LookAhead = 256;

    protected internal override BlockComputation CreateComputation(DataViewRow input, IReadOnlyList<bool> active) =>
        create(new KnownItems(input, sequence, ids));
}

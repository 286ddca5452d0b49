using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Runtime;

namespace Ssna.MLNet.Interop;

/// <summary>
/// A row-to-row transformer bound to an input schema, whose outputs are computed for a block of rows at a time.
/// A data view (<see cref="Apply"/>) reads the blocks ahead; a single row (<see cref="GetRow"/>) is a block of one.
/// </summary>
internal abstract class BlockMapper : IRowToRowMapper
{
    private readonly Lifetime? _memory;
    private readonly CancellationToken _cancellation;

    /// <param name="host">The transformer's host, whose cancellation is honoured while rows are read.</param>
    /// <param name="inputSchema">The schema that is bound.</param>
    /// <param name="outputs">The columns added, in order.</param>
    /// <param name="lookAheadRows">Rows of a block at most.</param>
    /// <param name="memory">The transformer's native memory, which a cursor or row keeps while it is open; null where there is none.</param>
    /// <param name="cancellation">Stops the reading of rows as well, where the reader does not decide that alone.</param>
    protected BlockMapper(
        IHost host,
        DataViewSchema inputSchema,
        IReadOnlyList<OutputColumn> outputs,
        int lookAheadRows,
        Lifetime? memory,
        CancellationToken cancellation = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lookAheadRows, 1);
        Host = host;
        InputSchema = inputSchema;
        Outputs = outputs;
        LookAheadRows = lookAheadRows;
        _memory = memory;
        _cancellation = cancellation;
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(inputSchema);
        foreach (OutputColumn output in outputs)
        {
            schema.AddColumn(output.Name, output.Type, output.Annotations);
        }
        OutputSchema = schema.ToSchema();
    }

    public DataViewSchema InputSchema { get; }

    public DataViewSchema OutputSchema { get; }

    /// <summary>The columns added, in order; in <see cref="OutputSchema"/> they follow the input's.</summary>
    public IReadOnlyList<OutputColumn> Outputs { get; }

    /// <summary>Rows of a block at most.</summary>
    public int LookAheadRows { get; }

    protected IHost Host { get; }

    /// <summary>Makes the computation of one cursor or row.</summary>
    /// <param name="input">The row whose getters the computation gathers from; it moves on by itself.</param>
    /// <param name="active">Which of <see cref="Outputs"/> are wanted, at least one; the input columns of the others may be inactive.</param>
    protected internal abstract BlockComputation CreateComputation(DataViewRow input, IReadOnlyList<bool> active);

    /// <summary>Starts the computation of one cursor or row, which keeps the transformer's memory until it is disposed of.</summary>
    /// <param name="input">As of <see cref="CreateComputation"/>.</param>
    /// <param name="active">Which columns of <see cref="OutputSchema"/> are wanted.</param>
    /// <exception cref="ObjectDisposedException">The transformer has been disposed of.</exception>
    internal BlockComputation Start(DataViewRow input, bool[] active)
    {
        Lifetime.Use? use = _memory?.Begin();
        try
        {
            BlockComputation computation = CreateComputation(
                input,
                new ArraySegment<bool>(active)[InputSchema.Count..]
            );
            computation.Keep(use);
            return computation;
        }
        catch
        {
            use?.Dispose();
            throw;
        }
    }

    /// <summary>The input with the outputs added.</summary>
    public IDataView Apply(IDataView input)
    {
        Host.CheckValue(input, nameof(input));
        return new BlockDataView(this, input);
    }

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
    {
        bool[] active = ActiveColumns(dependingColumns);
        var needed = new bool[InputSchema.Count];
        active.AsSpan(0, needed.Length).CopyTo(needed);
        for (int i = 0; i < Outputs.Count; i++)
        {
            if (active[InputSchema.Count + i])
            {
                foreach (DataViewSchema.Column column in Outputs[i].InputColumns)
                {
                    needed[column.Index] = true;
                }
            }
        }
        return InputSchema.Where(column => needed[column.Index]);
    }

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        Host.CheckValue(input, nameof(input));
        Host.CheckParam(
            ReferenceEquals(input.Schema, InputSchema),
            nameof(input),
            "The row's schema is not the one that the mapper is bound to."
        );
        return new BlockRow(this, input, ActiveColumns(activeColumns));
    }

    /// <summary>Which columns of <see cref="OutputSchema"/> are among <paramref name="columns"/>.</summary>
    internal bool[] ActiveColumns(IEnumerable<DataViewSchema.Column> columns)
    {
        Host.CheckValue(columns, nameof(columns));
        var active = new bool[OutputSchema.Count];
        foreach (DataViewSchema.Column column in columns)
        {
            Host.CheckParam(
                column.Index < active.Length && column.Name == OutputSchema[column.Index].Name,
                nameof(columns),
                $"Column '{column.Name}' is not a column of this data."
            );
            active[column.Index] = true;
        }
        return active;
    }

    /// <summary>Whether one of the added columns is among the active ones.</summary>
    internal bool AnyOutput(bool[] active) => active.AsSpan(InputSchema.Count).Contains(true);

    /// <summary>For rows, each of whose values is a call of its own, where a cursor is one call from beginning to end.</summary>
    /// <exception cref="ObjectDisposedException">The transformer has been disposed of.</exception>
    internal void CheckOpen() => _memory?.ThrowIfEnded();

    /// <param name="computation">The computation of the cursor or row that is read.</param>
    /// <exception cref="OperationCanceledException">ML.NET's own cancellation, the reader or the token asks to stop.</exception>
    internal void CheckAlive(BlockComputation computation)
    {
        Contracts.CheckAlive(Host);
        ReaderCancellation.ThrowIfRequested(computation.Reader, _cancellation);
    }
}

namespace Ssna.MLNet.Model;

/// <summary>A part of the memory that training takes, estimated from below.</summary>
/// <param name="What">What takes it, for messages.</param>
/// <param name="Bytes">How much; in double, because products of options overflow any integer.</param>
/// <param name="Options">The options that ask for it, the first one most.</param>
internal readonly record struct MemoryPart(string What, double Bytes, params (string Name, int Value)[] Options);

/// <summary>What the memory of training depends on, beside a kind's own settings.</summary>
/// <param name="Dimension">The width of embeddings: d.</param>
/// <param name="WeightBytes">What a weight takes, with its gradient and the optimiser's copies.</param>
/// <param name="BatchSize">Cases of a batch at most.</param>
/// <param name="Items">Items of the catalogue.</param>
/// <param name="Width">Numbers of a feature layer.</param>
/// <param name="Cases">Cases of a batch, of those that there are.</param>
/// <param name="BatchItems">Items that are embedded in a batch.</param>
internal readonly record struct TrainingSize(
    int Dimension,
    double WeightBytes,
    int BatchSize,
    double Items,
    double Width,
    double Cases,
    double BatchItems
);

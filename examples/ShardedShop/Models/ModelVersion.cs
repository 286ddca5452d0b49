namespace ShardedShop.Models;

/// <summary>One model as it is served: in parts.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Shards">How many parts its catalogue is in.</param>
[GenerateSerializer, Immutable]
internal sealed record ModelVersion([property: Id(0)] string Name, [property: Id(1)] int Shards);

using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace ShardedShop.Grains;

/// <summary>Spreads the parts of a catalogue: each belongs to the next silo, in the order in which they joined.</summary>
[GenerateSerializer, Immutable]
internal sealed class ShardPlacement : PlacementStrategy;

/// <summary>A grain that is placed by <see cref="ShardPlacement"/>; its key starts with the number of its part.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShardPlacementAttribute() : PlacementAttribute(new ShardPlacement());

/// <summary>Says where a part belongs that is in no silo's memory; one that is stays where it is.</summary>
internal sealed class ShardPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(
        PlacementStrategy strategy,
        PlacementTarget target,
        IPlacementContext context
    )
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        Array.Sort(silos);
        GrainIdKeyExtensions.TryGetIntegerKey(target.GrainIdentity, out long index, out _);
        return Task.FromResult(silos[index % silos.Length]);
    }
}

namespace ShardedShop.Serving;

/// <summary>A request cannot be answered now, and can be a little later.</summary>
internal sealed class UnavailableException(string message, Exception? cause = null) : Exception(message, cause);
